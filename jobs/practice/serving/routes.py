"""The function that answers each path, and the words of each provider's refusals."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.practice.dialects import kie as kie_shapes
from jobs.practice.dialects import veo4 as veo4_shapes
from jobs.practice.endpoints import (
    downloads,
    kie,
    kie_extend,
    kie_market,
    kie_upgrades,
    kie_uploads,
    page,
    prices,
    veo4,
)
from jobs.practice.http.messages import Refusal, Reply, Request, as_text
from jobs.practice.life.practice import Practice

VEO4_BASE = "/api/video/veo4"
Handler = Callable[[Practice, Request], Reply]
Wording = Callable[[Refusal], Reply]


@dataclass(frozen=True)
class Route:
    """A handler and, for a provider's endpoint, its way to say no."""

    handler: Handler
    wording: Wording | None = None


KIE, UPLOADS, VEO4 = kie_shapes.refusal, kie_uploads.refusal, veo4_shapes.refusal
ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/api/v1/veo/generate"): Route(kie.generate, KIE),
    ("POST", "/api/v1/veo/extend"): Route(kie_extend.extend, KIE),
    ("GET", "/api/v1/veo/get-1080p-video"): Route(kie_upgrades.get_1080p, KIE),
    ("POST", "/api/v1/veo/get-4k-video"): Route(kie_upgrades.get_4k, KIE),
    ("GET", "/api/v1/veo/record-info"): Route(kie.record_info, KIE),
    ("POST", "/api/v1/jobs/createTask"): Route(kie_market.create, KIE),
    ("GET", "/api/v1/jobs/recordInfo"): Route(kie_market.record_info, KIE),
    ("POST", "/client/v1/model-pricing/page"): Route(prices.page, KIE),
    ("GET", "/api/v1/chat/credit"): Route(kie.credit, KIE),
    ("POST", "/api/v1/common/download-url"): Route(kie.download_url, KIE),
    ("POST", "/api/file-stream-upload"): Route(kie_uploads.stream, UPLOADS),
    ("POST", "/api/file-base64-upload"): Route(kie_uploads.from_base64, UPLOADS),
    ("POST", "/api/file-url-upload"): Route(kie_uploads.from_url, UPLOADS),
    ("POST", f"{VEO4_BASE}/generate"): Route(veo4.generate, VEO4),
    ("GET", f"{VEO4_BASE}/status"): Route(veo4.status, VEO4),
    ("GET", "/"): Route(page.overview),
    ("GET", "/practice/state.json"): Route(page.state),
}
FOLDERS: dict[str, Handler] = {
    "/files/": downloads.serve,
    kie_uploads.PREFIX: kie_uploads.serve,
}


def answer(practice: Practice, request: Request) -> Reply:
    """The answer to any request."""
    method = "GET" if request.method == "HEAD" else request.method
    for folder, serve in FOLDERS.items():
        if method == "GET" and request.path.startswith(folder):
            return serve(practice, request)
    route = ROUTES.get((method, request.path))
    if route is None:
        known = any(path == request.path for _, path in ROUTES)
        return as_text("method not allowed\n", 405) if known else as_text("not found\n", 404)
    if route.wording is None:
        return route.handler(practice, request)
    if not request.headers.get("user-agent", "").strip():
        return as_text("error code: 1010", 403)
    try:
        return route.handler(practice, request)
    except Refusal as refused:
        return route.wording(refused)
