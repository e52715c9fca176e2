// What pages with many cards run besides, in this order.
import "live.js";
import "selection.js";
import "choosing.js";
import "renaming.js";
import "grid.js";
