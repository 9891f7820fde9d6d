"""A page's script and its modules become one file, which does what they did."""

from pathlib import Path

import pytest

from freetemp.bundles import BundleError, bundled

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "static" / "js" / "pages").glob("*.js"))

pytestmark = pytest.mark.sqlite_only

MODULES = {
    "js/pages/page.js": (
        'import { area, Square as Box } from "../shapes.js";\nimport "../lib/hello.js";\n'
        'import {\n  SIDE,\n} from "../lib/sizes.js";\nconst area_of = area;\nconsole.log(area_of(new Box(SIDE)));\n'
    ),
    "js/shapes.js": (
        'import { SIDE } from "./lib/sizes.js";\nconst own = "shapes";\n'
        "export class Square {\n  constructor(side) {\n    this.side = side ?? SIDE;\n  }\n}\n"
        "export function area({ side }) {\n  return side * side;\n}\nexport async function later() {}\n"
    ),
    "js/lib/sizes.js": 'console.log("sizes");\nconst own = 3;\nexport const SIDE = own;\n',
    "js/lib/hello.js": 'const own = "hello";\nconsole.log(own);\n',
}


@pytest.mark.browser
def test_modules_run_once_each_in_its_own_scope_before_those_that_import_it(browser):
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_content(f'<script type="module">{bundled("js/pages/page.js", MODULES.__getitem__)}</script>')
    page.close()
    assert said == ["sizes", "hello", "9"]


@pytest.mark.parametrize(
    "words",
    [
        'import * as all from "./lib/sizes.js";',
        'import sizes from "./lib/sizes.js";',
        "export default 3;",
        "export let changes = 1;",
        "export { own };",
        'const sizes = await import("./lib/sizes.js");',
    ],
)
def test_words_that_it_does_not_know_are_refused(words):
    with pytest.raises(BundleError, match=r"js/page\.js"):
        bundled("js/page.js", (MODULES | {"js/page.js": f"{words}\n"}).__getitem__)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_each_page_has_one(page):
    script = bundled(f"js/pages/{page.name}", lambda name: (ROOT / "static" / name).read_text())
    own = page.read_text().partition("\n\n")[2].rpartition("\n\n")[2]
    assert script.endswith(own) or own.startswith("import ")  # Some pages have nothing but the parts of others.
