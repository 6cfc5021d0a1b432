"""What each corpus script must do here: one row per script, more where the dialects differ on purpose.

Derived from `expect` and `observed` of corpus/NN-name.expected.json: `expect` rules, and where generations differ
the default dialect takes the sane one (docs/architecture.md §15). Numbers are totals of the run.

    case(users, codes, paths, ...)

users        virtual users created; (low, high) where the load is random
codes        status -> answers
paths        path with query -> requests the server saw, in the order of their first arrival; a list of such
             dicts where several spellings mean the same. {http} stands for host and port of the target
completed    users that got through; absent: all of them if there are no errors, else none
errors       text -> count, complete
requests     http.requests; absent: answers plus errors of the network
connections  connections the server saw; absent: one per user
in_flight    most requests the server had at a time; absent: not looked at
methods      absent: GET only
session_ms   (low, high) around the longest user; either may be None
seconds      (low, high) around the whole run, generous; either may be None
counters     further counters, exactly
summaries    histograms that must be in the report
printed      text -> how often it stands on the console at least
checks       judgements in the report's own section, at least
later        what has to be built first. Until then the script ends with exit code 2, or with a warning, and a
             message that contains one of `says`; when it does what the row asks for, that counts as passed
"""

import dataclasses


@dataclasses.dataclass
class Case:
    users: object
    codes: dict
    paths: object
    dialect: str = "slsart"
    code: int = 0
    completed: int = None
    errors: dict = dataclasses.field(default_factory=dict)
    skipped: int = 0
    requests: int = None
    connections: object = None
    in_flight: int = None
    methods: dict = None
    session_ms: tuple = (None, None)
    seconds: tuple = (None, 60)
    counters: dict = dataclasses.field(default_factory=dict)
    summaries: tuple = ()
    printed: dict = dataclasses.field(default_factory=dict)
    checks: int = 0
    flags: tuple = ()
    env: dict = dataclasses.field(default_factory=dict)
    later: str = None
    says: tuple = ()


case = Case

FAILED_CHECK = "Failed capture or match"
SOCKETIO = {"later": "the Socket.IO engine", "says": ("socketio", "engine")}
WEBSOCKET = {"later": "the WebSocket engine", "says": ("ws", "engine")}

VERDICTS = {
    "01-minimal-get": [case(5, {200: 5}, {"/": 5})],
    "02-arrival-rate": [case(10, {200: 10}, {"/": 10}, seconds=(1.7, 60)),
                        case(10, {200: 10}, {"/": 10}, dialect="artillery1", seconds=(1.9, 60))],
    "03-ramp": [case(15, {200: 15}, {"/": 15}, seconds=(4, 60)),
                case((8, 24), {200: None}, {"/": None}, dialect="artillery1"),
                case(15, {200: 15}, {"/": 15}, dialect="artillery2")],
    "04-fractional-rate": [case(2, {200: 2}, {"/": 2})],
    "05-phases-and-pause": [case(5, {200: 5}, {"/": 5}, seconds=(3, 60),
                                 counters={"vusers.created_by_name.front page": 5})],
    "06-human-units": [case(5, {200: 10}, {"/": 5, "/landing": 5}, session_ms=(200, None), seconds=(3, 60))],
    "07-max-vusers": [case(2, {200: 2}, {"/delay/1500": 2}, skipped=8, in_flight=2)],
    "08-weights": [case(8, {200: 8}, {"/": 8}, counters={"vusers.created_by_name.always": 8})],
    "09-think-integer": [case(1, {200: 2}, {"/": 2}, session_ms=(1000, None))],
    "10-think-fraction": [case(1, {200: 2}, {"/": 2}, session_ms=(800, None)),
                          case(1, {200: 2}, {"/": 2}, dialect="artillery1", session_ms=(800, None)),
                          case(1, {200: 2}, {"/": 2}, dialect="artillery2", session_ms=(None, 790))],
    "11-loop-count": [case(1, {200: 4}, {f"/echo?i={i}": 1 for i in range(4)})],
    "12-loop-over-list": [case(1, {200: 3}, {f"/echo?e={e}": 1 for e in ("red", "green", "blue")})],
    "13-loop-over-variable": [case(1, {200: 4}, {"/echo?letters=1": 1, "/echo?l=a": 1, "/echo?l=b": 1, "/echo?l=c": 1})],
    "14-loop-while": [case(1, {200: 3}, {"/count/while-<uuid>/3": 3})],
    "15-loop-range": [case(1, {200: 3}, {f"/echo?i={i}": 1 for i in (2, 3, 4)})],
    "16-loop-nested": [case(1, {200: 6}, {f"/echo?o={o}&i={i}": 1 for o in (0, 1) for i in (0, 1, 2)})],
    "17-parallel": [case(1, {200: 3}, {"/delay/400": 3}, connections=1, in_flight=1, session_ms=(1150, None))],
    "18-parallel-pool": [case(1, {200: 3}, {"/delay/400": 3}, connections=3, in_flight=3, session_ms=(390, 1150))],
    "19-iftrue": [case(1, {200: 3}, {"/echo?a=1": 1, "/echo?c=1": 1, "/echo?e=1": 1})],
    "20-probability": [case(3, {200: 3}, {"/echo?always=1": 3})],
    "21-capture-json": [case(1, {200: 3}, {
        "/json": 1, "/echo?tok=tok-123&tag=b&deep=treasure&zero=0&flag=false": 1, "/echo": 1},
        methods={"GET": 2, "POST": 1})],
    "22-capture-regexp": [case(1, {200: 2}, {"/text": 1, "/echo?code=ABC-42&g=hello%20world": 1})],
    "23-capture-header": [case(1, {200: 2}, {"/text": 1, "/need-header/x-back/trace-9": 1})],
    "24-capture-selector": [case(1, {200: 2, 404: 1}, {"/html": 1, "/echo?csrf=csrf-789": 1, "/p/2": 1})],
    "25-capture-xpath": [case(1, {200: 2}, {"/xml": 1, "/echo?total=12.50": 1})],
    "26-capture-transform": [case(1, {200: 2}, {"/json": 1, "/echo?n=alpha": 1}, later="transform",
                                  says=("transform",))],
    "27-capture-fail": [case(3, {200: 3}, {"/json": 3}, errors={FAILED_CHECK: 3}),
                        case(3, {200: 6}, {"/json": 3, "/landing": 3}, dialect="artillery1"),
                        case(3, {200: 3}, {"/json": 3}, errors={FAILED_CHECK: 3}, dialect="artillery2")],
    "28-capture-not-strict": [case(1, {200: 2}, {"/json": 1, "/echo?absent=undefined&tok=tok-123": 1})],
    "29-match-ok": [case(3, {200: 3}, {"/json": 3})],
    "30-match-fail": [case(3, {200: 3}, {"/json": 3}, errors={FAILED_CHECK: 3}),
                      case(3, {200: 3}, {"/json": 3}, completed=0, dialect="artillery1")],
    "31-match-not-strict": [case(3, {200: 6}, {"/json": 3, "/landing": 3})],
    "32-match-types": [case(1, {200: 1}, {"/json": 1}, errors={FAILED_CHECK: 1})],
    "33-post-json": [case(1, {201: 1, 200: 2}, {
        "/login": 1, "/need-header/authorization/Bearer%20t-ann": 1, "/need-cookie/sid/s-ann": 1},
        methods={"POST": 1, "GET": 2})],
    "34-post-form": [case(1, {200: 1}, {"/need-body/a%3D1%26b%3Dtwo%2Bwords": 1}, methods={"POST": 1})],
    "35-post-formdata": [case(1, {200: 1}, {"/echo": 1}, methods={"POST": 1})],
    "36-post-body": [case(1, {200: 2}, {"/need-body/k%3D7": 1, "/need-body/plain": 1},
                          methods={"POST": 1, "PUT": 1})],
    "37-query-string": [case(1, {200: 2}, [{f"/echo?a=1&b=x{blank}y&c=7": 1, "/echo?keep=1&a=2": 1}
                                           for blank in ("+", "%20")]),
                        case(1, {200: 2}, [{f"/echo?a=1&b=x{blank}y&c=7": 1, "/echo?a=2": 1}
                                           for blank in ("+", "%20")], dialect="artillery2")],
    "38-headers": [case(1, {200: 4}, {"/need-header/x-one/default": 1, "/need-header/x-one/mine": 1,
                                      "/need-header/x-two/seven-7": 1, "/echo": 1})],
    "39-user-agent": [case(1, {200: 1}, {"/echo": 1})],
    "40-cookie-jar": [case(3, {403: 3, 200: 6}, {"/need-cookie/a/1": 6, "/set-cookie/a/1": 3})],
    "41-cookie-attribute": [case(1, {200: 2}, {"/need-cookie/color/red": 2}),
                            case(1, {200: 1, 403: 1}, {"/need-cookie/color/red": 2}, dialect="artillery2")],
    "42-cookie-default": [case(1, {200: 2}, {"/need-cookie/lang/en": 1, "/need-cookie/lang/fr": 1})],
    "43-basic-auth": [case(1, {200: 1, 401: 1}, {"/basic/ann/secret": 2})],
    "44-redirect-follow": [case(1, {302: 2, 200: 1, 204: 1}, {"/redirect/2": 1, "/redirect/1": 1, "/landing": 1,
                                                              "/status/204": 1})],
    "45-redirect-off": [case(1, {302: 1, 204: 1}, {"/redirect/2": 1, "/status/204": 1})],
    "46-redirect-post": [case(1, {302: 1, 303: 1, 307: 1, 200: 3}, {
        "/redirect-code/302": 1, "/landing": 3, "/redirect-code/303": 1, "/redirect-code/307": 1},
        methods=methods, dialect=dialect)
        for dialect, methods in (("slsart", {"POST": 4, "GET": 2}), ("artillery2", {"POST": 5, "GET": 1}))],
    "47-gzip": [case(1, {200: 2}, {"/gzip": 1, "/echo?tok=tok-123": 1})],
    "48-timeout": [case(3, {}, {"/hang": 3}, errors={"ETIMEDOUT": 3}, in_flight=3, seconds=(1, 60))],
    "49-timeout-default": [case(1, {}, {"/hang": 1}, errors={"ETIMEDOUT": 1}, seconds=(9, 60))],
    "50-refused": [case(3, {}, {}, errors={"ECONNREFUSED": 3}, connections=0)],
    "51-reset": [case(3, {}, {"/close": 3}, errors={"ECONNRESET": 3})],
    "52-dns": [case(3, {}, {}, errors={"ENOTFOUND": 3}, connections=0)],
    "53-status-mix": [case(3, {200: 3, 404: 3, 500: 3, 503: 3},
                           {f"/status/{status}": 3 for status in (200, 404, 500, 503)})],
    "54-methods": [case(1, {200: 5}, {"/echo": 5},
                        methods={"GET": 1, "POST": 1, "PUT": 1, "PATCH": 1, "DELETE": 1})],
    # The reference opens a second connection after a HEAD; ours need not.
    "55-head-options": [case(1, {200: 2}, {"/": 2}, methods={"HEAD": 1, "OPTIONS": 1}, connections=(1, 2))],
    "56-payload-sequence": [case(5, {200: 5}, {"/echo?u=ann&n=1": 2, "/echo?u=bob&n=2": 2, "/echo?u=cid&n=3": 1})],
    "57-payload-options": [case(3, {200: 3}, {f"/echo?c={city}": 1 for city in ("Oulu", "Lund", "Moss")})],
    "58-payload-many": [case(3, {200: 3}, {"/echo?u=ann&c=Oulu": 1, "/echo?u=bob&c=Lund": 1, "/echo?u=cid&c=Moss": 1})],
    "59-payload-cast": [case(1, {200: 1}, {"/echo": 1}, methods={"POST": 1})],
    "60-payload-load-all": [case(1, {200: 3}, {f"/echo?u={user}": 1 for user in ("ann", "bob", "cid")})],
    "61-variables": [case(1, {200: 3}, {"/echo?one=1&obj=deep&arr=l1": 1, "/echo?pick=p": 1,
                                        "/echo?missing=undefined": 1})],
    "62-environment": [case(2, {200: 2}, {"/echo?env=staging&v=staged": 2}, flags=("-e", "staging"))],
    "63-process-environment": [case(1, {200: 2}, {"/echo?x=from-env": 1, "/echo?v=from-env": 1},
                                    env={"CORPUS_X": "from-env"})],
    "64-functions": [case(1, {200: 5}, {"/echo?n=5": 1, "/mirror": 3, "/echo?target=http://{http}": 1},
                          methods={"GET": 3, "POST": 2})],
    "65-hooks": [case(3, {200: 6}, {"/need-header/x-hook/scenario": 3, "/echo?name=set&start=begun": 3},
                      counters={"corpus.ended": 3, "corpus.second": 3, "corpus.status.200": 6},
                      summaries=("corpus.size",))],
    "66-hook-error": [case(3, {}, {}, errors={"hook says no": 3}, requests=0, connections=0)],
    # In the default dialect nothing is started: tests/e2e/test_processor_faults.py.
    "67-function-missing": [case(3, {200: 3}, {"/": 3}, completed=3, requests=3,
                                 errors={'Undefined function "noSuchFunction"': 3}, dialect="artillery2")],
    # Five connections: before and after have their own.
    "68-before-after": [case(3, {200: 3}, {"/json": 1, "/echo?t=tok-123": 3, "/echo?after=1": 1}, connections=5,
                             methods={"GET": 5})],
    "69-log": [case(3, {200: 3}, {"/": 3}, printed={"hello from corpus": 3})],
    "70-plugin-expect": [case(3, {200: 3, 404: 3}, {"/json": 3, "/status/404": 3}, code=3,
                              counters={"plugins.expect.ok": 12, "plugins.expect.ok.contentType": 3,
                                        "plugins.expect.failed": 3, "plugins.expect.failed.statusCode": 3})],
    "71-ensure-pass": [case(3, {200: 3}, {"/": 3}, checks=2, dialect=dialect, printed={"ok: p95": 1})
                       for dialect in ("slsart", "artillery1", "artillery2")],
    "72-ensure-fail": [case(3, {200: 3}, {"/delay/60": 3}, code=4, checks=1, dialect=dialect,
                            printed={"fail: p95": 1}) for dialect in ("slsart", "artillery1", "artillery2")],
    "73-metrics-by-endpoint": [case(3, {200: 3, 404: 3}, {"/echo?x=1": 3, "/status/404": 3}, counters={
        "plugins.metrics-by-endpoint./echo?x=1.codes.200": 3,
        "plugins.metrics-by-endpoint./status/404 (missing page).codes.404": 3}, summaries=(
        "plugins.metrics-by-endpoint.response_time./echo?x=1",
        "plugins.metrics-by-endpoint.response_time./status/404 (missing page)"))],
    "74-http-pool": [case(10, {200: 20}, {"/delay/200": 20}, connections=2, in_flight=2, seconds=(1.9, 60))],
    "75-keep-alive": [case(4, {200: 12}, {"/": 12})],
    "76-tls-insecure": [case(3, {200: 3}, {"/": 3})],
    "77-tls-strict": [case(3, {}, {}, errors={"DEPTH_ZERO_SELF_SIGNED_CERT": 3}, connections=0)],
    "78-extended-metrics": [case(3, {200: 3}, {"/": 3}, summaries=("http.tcp", "http.total"))],
    "79-uri-alias": [case(1, {200: 1, 201: 1}, {"/landing": 1, "/status/201": 1})],
    "80-on-error": [case(3, {}, {"/close": 3}, errors={"ECONNRESET": 3}, counters={"corpus.onError": 3})],
    "81-websocket": [case(3, {}, {}, counters={"websocket.messages_sent": 9}, **WEBSOCKET)],
    "82-websocket-capture": [case(2, {}, {}, counters={"websocket.messages_sent": 4, "websocket.messages_received": 2},
                                  **WEBSOCKET)],
    "83-socketio": [case(2, {}, {}, counters={"socketio.emit": 6}, **SOCKETIO)],
    "84-socketio-v2": [case(2, {}, {}, counters={"socketio.emit": 6}, **SOCKETIO)],
    "85-invalid-url": [case(3, {}, {}, errors={"Invalid URL - status/200": 3}, requests=0, connections=0)],
    "86-poisson": [case((6, 40), {200: None}, {"/": None})],
    "87-flow-anchors": [case(1, {200: 2, 202: 1}, {"/echo?shared=1": 1, "/echo?shared=2": 1, "/status/202": 1})],
    "88-late-response": [case(3, {200: 3}, {"/delay/2500": 3}, in_flight=3, seconds=(2.5, 60))],
    "89-capture-many": [case(3, {200: 6}, {
        "/json": 3, "/need-body/%7B%22l%22%3A%5B%22x%22%2C%22y%22%2C%22z%22%5D%7D": 3},
        methods={"GET": 3, "POST": 3})],
    "90-overrides": [case(2, {200: 2}, {"/echo?v=cli": 2}, flags=(
        "--overrides", '{"config":{"phases":[{"duration":1,"arrivalCount":2}]}}', "-v", '{"v":"cli"}'))],
}
