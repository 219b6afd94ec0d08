"""Other programs' viewers of splats, shown by a headless Chromium: pages, a server, pictures."""

import functools
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.geometry.camera import View

PACKAGES = (
    "@sparkjsdev/spark@2.2.0", "three@0.187.0", "@playcanvas/supersplat-viewer@1.36.2",
    "puppeteer-core@24.43.1",
)  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = [
    "--no-sandbox", "--headless=new", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist", "--hide-scrollbars", "--force-color-profile=srgb",
]  # fmt: skip
PATIENCE = 120  # seconds for a picture: the page is drawn by the processor

SPARK = """<!doctype html><body style="margin:0;background:#000"><script type="importmap">
{"imports": {"three": "/node_modules/three/build/three.module.js",
 "three/addons/": "/node_modules/three/examples/jsm/",
 "@sparkjsdev/spark": "/node_modules/@sparkjsdev/spark/dist/spark.module.js"}}</script>
<script type="module">
import * as THREE from "three";
import { SparkRenderer, SplatMesh } from "@sparkjsdev/spark";
const wish = WISH;
const renderer = new THREE.WebGLRenderer({antialias: false, preserveDrawingBuffer: true});
renderer.setPixelRatio(1);
renderer.setSize(wish.width, wish.height);
document.body.appendChild(renderer.domElement);
const scene = new THREE.Scene();
const camera = new THREE.PerspectiveCamera(wish.fov, wish.width / wish.height, 0.02, 200);
camera.matrixAutoUpdate = false;
camera.matrix.fromArray(wish.camera);
camera.matrix.decompose(camera.position, camera.quaternion, camera.scale);
camera.matrixAutoUpdate = true;
scene.add(new SparkRenderer({renderer}));
const splats = new SplatMesh({url: wish.file});
scene.add(splats);
await splats.initialized;
let frames = 0;
renderer.setAnimationLoop(() => {
  renderer.render(scene, camera);
  // Splats are sorted beside the drawing, and shown in order some frames later.
  if (++frames > 30) window.done = true;
});
</script></body>
"""
SUPERSPLAT = """<!doctype html>
<link rel="stylesheet" href="/node_modules/@playcanvas/supersplat-viewer/public/index.css">
<body style="margin:0"><div id="viewer" style="width:100vw;height:100vh"></div>
<script type="module">
import { createViewer } from "/node_modules/@playcanvas/supersplat-viewer/public/index.js";
const settings = SETTINGS;
const container = document.getElementById("viewer");
const viewer = await createViewer({container, settings, contentUrl: "FILE",
  ui: false, noanim: true, nofx: true, renderer: "webgl"});
const finish = () => setTimeout(() => { window.done = true; }, 4000);
viewer.state.loaded ? finish() : viewer.events.on("loaded:changed", finish);
</script></body>
"""
SHOOT = """
const puppeteer = require('puppeteer-core');
const [url, out, width, height, browser, args] = process.argv.slice(2);
(async () => {
  const chrome = await puppeteer.launch(
    {executablePath: browser, args: JSON.parse(args), protocolTimeout: 110000});
  const page = await chrome.newPage();
  page.on('console', message => console.log(message.text()));
  page.on('response', r => r.status() >= 400 && console.log(r.status(), r.url()));
  page.on('pageerror', error => console.log(String(error)));
  await page.setViewport({width: Number(width), height: Number(height), deviceScaleFactor: 1});
  await page.goto(url, {waitUntil: 'load'});
  await page.waitForFunction('window.done === true', {timeout: 100000, polling: 500});
  await page.screenshot({path: out});
  await chrome.close();
})().catch(error => { console.error(error); process.exit(1); });
"""


def browser() -> str:
    """The Chromium there is: MAQUETTE_BROWSER, else one of the usual names; else skips."""
    named = os.environ.get("MAQUETTE_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None or shutil.which("npm") is None:
        pytest.skip("needs node, npm and a Chromium (apt-get install chromium)")
    return found


def installed(folder: Path) -> Path:
    """The viewers in `folder`, from npm."""
    command = ["npm", "install", "--no-audit", "--no-fund", *PACKAGES]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)
    (folder / "shoot.cjs").write_text(SHOOT)
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which the files in `folder` can be had."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def spark(folder: Path, file: Path, view: View) -> NDArray[np.uint8]:
    """What Spark shows of `file` from `view`, [H, W, 3]; `folder` has the viewers."""
    shutil.copyfile(file, folder / file.name)
    camera = view.camera
    world = np.linalg.inv(view.camera_from_scene.double().numpy()) @ np.diag([1.0, -1, -1, 1])
    wish = {
        "file": f"/{file.name}", "width": camera.width, "height": camera.height,
        "fov": float(np.degrees(2 * np.arctan(camera.height / 2 / camera.fy))),
        "camera": world.T.ravel().tolist(),
    }  # fmt: skip
    (folder / "spark.html").write_text(SPARK.replace("WISH", json.dumps(wish)))
    return shot(folder, "spark.html", (camera.width, camera.height))


def supersplat(folder: Path, file: Path, view: View) -> NDArray[np.uint8]:
    """What SuperSplat's viewer shows of the PLY `file`, in which y points down.

    It turns PLY by half about z, which leaves such a scene turned by half about y.
    """
    shutil.copyfile(file, folder / file.name)
    camera, matrix = view.camera, view.camera_from_scene.double().numpy()
    turn = np.diag([-1.0, 1.0, -1.0])
    centre = view.centre().double().numpy()
    pose = {
        "position": (turn @ centre).tolist(),
        "target": (turn @ (centre + 2 * matrix[2, :3])).tolist(),
        # In wide pictures it takes this for the angle from side to side.
        "fov": float(np.degrees(2 * np.arctan(max(camera.width, camera.height) / 2 / camera.fy))),
    }
    settings = {
        "version": 2, "tonemapping": "none", "highPrecisionRendering": False,
        "background": {"color": [0, 0, 0]}, "postEffectSettings": {}, "animTracks": [],
        "cameras": [{"initial": pose}], "annotations": [], "startMode": "default",
    }  # fmt: skip
    page = SUPERSPLAT.replace("SETTINGS", json.dumps(settings)).replace("FILE", f"/{file.name}")
    (folder / "supersplat.html").write_text(page)
    return shot(folder, "supersplat.html", (camera.width, camera.height))


def shot(folder: Path, page: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture of a page [H, W, 3] once it says that it is done."""
    out = folder / "shot.png"
    out.unlink(missing_ok=True)
    with served(folder) as address:
        command = [
            "node", "shoot.cjs", f"{address}/{page}", str(out), str(size[0]), str(size[1]),
            browser(), json.dumps(ARGUMENTS),
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert out.is_file(), done.stdout + done.stderr
    with Image.open(out) as image:
        return np.asarray(image.convert("RGB"))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass
