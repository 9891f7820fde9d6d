import os,subprocess,sys,tempfile
from pathlib import Path
from playwright.sync_api import sync_playwright
sys.path.insert(0,".")
os.environ["DJANGO_SETTINGS_MODULE"]="tests.settings"
import django; django.setup()
from tests.server import Server, ROOT
from tests.conftest import FLAGS
from tests.pages.viewer import PHONE, VIEWER
var=Path(tempfile.mkdtemp())
own = {"DATABASE_URL": f"sqlite:///{var}/pages.sqlite3", "VAR_DIR": str(var), "WEB_CONCURRENCY": "1"}
env={**os.environ,"DJANGO_SETTINGS_MODULE":"freetemp.settings",**own}
for c in (["manage.py","migrate"],["manage.py","collectstatic","--noinput"],["-m","tests.pages.seed"]):
    subprocess.run([sys.executable,*c],cwd=ROOT,env=env,check=True,capture_output=True)
with Server(var/"log",**own) as server, sync_playwright() as p:
    b=p.chromium.launch(executable_path="/usr/bin/chromium",args=FLAGS)
    for name,opt in (("wide",{"viewport":{"width":1280,"height":900}}),("phone",PHONE)):
      for scheme in ("light","dark"):
        c=b.new_context(base_url=server.url,**VIEWER,**opt,color_scheme=scheme)
        pg=c.new_page(); pg.goto("/stations/1/?period=day"); pg.wait_for_timeout(1500)
        el=pg.locator(".table"); el.scroll_into_view_if_needed(); pg.screenshot(path=f"/tmp/shot_{name}_{scheme}.png"); c.close()
    b.close()
