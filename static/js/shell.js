// What every page of the team runs, in this order. Browsers get it as one file, which `manage.py prepare` puts together.
import "htmx.js";
import "keys.js";
import "once.js";
import "site.js";
import "unanswered.js";
import "typed.js";
import "signout.js";
import "times.js";
import "news.js";
