// What the studio runs besides, in this order.
import "drafts.js";
import "fit.js";
import "composer.js";
import "images.js";
import "uploads.js";
import "span.js";
import "slim.js";
import "composer_keys.js";
import "handed.js";
import "tools.js";
