"""What Lighthouse says of the learner's page and the console, and how light and quick the first view is.

Wants Node and Lighthouse 12 (``npm install lighthouse@12`` in a folder named by ``--lighthouse``, or ``npx`` with a network), Chromium,
and a stack with the sample in it: ``make run``. Nothing of this is a dependency of the product.

    .venv/bin/python -m benchmarks.lighthouse --url http://127.0.0.1:8000 --lighthouse ~/lighthouse
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CATEGORIES = ("accessibility", "best-practices")
BAR = 98
FIRST_VIEW_KB, INTERACTIVE_SECONDS = 150, 1.0
LEARNER = ("", "material", "plan", "lesson", "quiz", "ask", "progress")
CONSOLE = (
    "",
    "analytics_app/sessionanalytics/reports/struggling-learners/",
    "sessions_app/question/review/",
    "jobs_app/job/",
    "documents_app/document/",
    "constance/config/",
)
THROTTLED = 4
"""How many times slower the processor is made: what Lighthouse takes for a middling phone."""
KATEX = "katex"
AUDIT_SECONDS = 600


def command(folder: str | None) -> list[str]:
    """Return how Lighthouse is called; ends with the cure where it is not there."""
    if folder:
        return [str(Path(folder).expanduser() / "node_modules" / ".bin" / "lighthouse")]
    if shutil.which("npx") is None:
        sys.exit(
            "Lighthouse needs Node: install it, then `npm install lighthouse@12` and name the folder (--lighthouse)."
        )
    return ["npx", "--yes", "lighthouse@12"]


def audited(call: list[str], url: str, folder: Path, port: int) -> dict[str, Any]:
    """Return Lighthouse's report of an address, seen by the browser that is signed in."""
    out = folder / "report.json"
    only = [
        "--only-categories=" + ",".join(CATEGORIES),
        "--preset=desktop",
        "--disable-storage-reset",
        f"--port={port}",
    ]
    done = subprocess.run(
        [*call, url, *only, "--quiet", "--output=json", f"--output-path={out}", "--throttling-method=provided"],
        capture_output=True, text=True, timeout=AUDIT_SECONDS,
    )  # fmt: skip
    if not out.exists():
        sys.exit(f"Lighthouse did not report on {url}: {done.stderr[-800:]}")
    report: dict[str, Any] = json.loads(out.read_text())
    out.unlink()
    return report


def faults(report: dict[str, Any]) -> list[str]:
    """Return the audits of accessibility and best practices that took points."""
    wanted = {ref["id"] for name in CATEGORIES for ref in report["categories"][name]["auditRefs"] if ref["weight"]}
    return sorted(
        name for name in wanted if (report["audits"][name]["score"] or 0) < 1 and _counts(report["audits"][name])
    )


def _counts(audit: dict[str, Any]) -> bool:
    return audit["scoreDisplayMode"] not in ("notApplicable", "manual", "informative", "error")


def first_view(browser: Any, url: str, slower: int) -> tuple[float, float, float]:
    """Return what the first view takes, with a processor so many times slower, until its form can be used.

    These are the kB on the wire without KaTeX, the seconds by the clock, and those of the page's own thread, which other work
    on the machine does not add to.
    """
    page = browser.new_context().new_page()
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    names: dict[str, str] = {}
    sizes: dict[str, float] = {}
    tools.on("Network.requestWillBeSent", lambda sent: names.update({sent["requestId"]: sent["request"]["url"]}))
    tools.on("Network.loadingFinished", lambda ended: sizes.update({ended["requestId"]: ended["encodedDataLength"]}))
    page.goto(f"{url}/learn")
    page.wait_for_selector("#login button[type=submit]")
    seconds = page.evaluate("() => new Promise((now) => setTimeout(() => now(performance.now() / 1000)))")
    own = {entry["name"]: entry["value"] for entry in tools.send("Performance.getMetrics")["metrics"]}["TaskDuration"]
    page.wait_for_load_state("networkidle")
    page.context.close()
    return sum(size for name, size in sizes.items() if KATEX not in names.get(name, "")) / 1000, seconds, own


def sign_in(page: Any, url: str, passwords: dict[str, str]) -> str:
    """Sign in on the learner's page and in the console; returns the id of the newest session."""
    page.goto(f"{url}/admin/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", passwords["admin"])
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    page.goto(f"{url}/learn")
    page.fill("#login [name=username]", "demo")
    page.fill("#login [name=password]", passwords["demo"])
    page.click("#login button[type=submit]")
    page.wait_for_selector("a.session")
    return str(page.locator("a.session").first.get_attribute("href")).split("/")[1]


def main() -> None:
    """Print a line for each view."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--port", default=9222, type=int, help="where Lighthouse finds the browser")
    parser.add_argument("--lighthouse", help="the folder that Lighthouse was installed in")
    parser.add_argument("--credentials", default=ROOT / "var" / "credentials.json", type=Path)
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    call = command(asked.lighthouse)
    passwords = json.loads(asked.credentials.read_text())
    low = []
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch_persistent_context(
            f"{folder}/profile", executable_path=shutil.which("chromium"),
            args=["--no-sandbox", f"--remote-debugging-port={asked.port}"],
        )  # fmt: skip
        session = sign_in(chromium.new_page(), asked.url, passwords)
        views = [f"/learn#sessions/{session}/{view}" if view else "/learn" for view in LEARNER]
        views += ["/learn#reviews", "/learn#account", *(f"/admin/{view}" for view in CONSOLE)]
        print(f"{'view':58} accessibility  best practices")
        for view in views:
            report = audited(call, f"{asked.url}{view}", Path(folder), asked.port)
            points = [round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES]
            shown = view.replace(session, "…")
            print(f"{shown:58} {points[0]:13}  {points[1]:14}  {', '.join(faults(report))}", flush=True)
            low += [shown] if min(points) < BAR else []
        chromium.close()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        sizes, seconds, _ = zip(*(first_view(browser, asked.url, THROTTLED) for _ in range(3)), strict=True)
        own = [first_view(browser, asked.url, 1)[2] for _ in range(3)]
        browser.close()
    print(f"first view on the wire without KaTeX: {sizes[0]:.1f} kB (at most {FIRST_VIEW_KB})")
    print(
        f"its form can be used after {min(seconds):.2f} to {max(seconds):.2f} s with a processor {THROTTLED} times slower "
        f"(at most {INTERACTIVE_SECONDS:.0f}); its own thread works {THROTTLED * min(own):.2f} to {THROTTLED * max(own):.2f} s of them"
    )
    print(f"below {BAR}: {', '.join(low) or 'none'}")


if __name__ == "__main__":
    main()
