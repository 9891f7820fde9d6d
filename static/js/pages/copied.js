// A page that shows a text once, to be copied.

import "../parts/share.js";
