"""The library over HTTP, for a browser on the sofa and for scripts: off until a person starts it, guarded.

`shapes` is what is asked and said, `happenings` what is told unasked, `endpoints` where, and `finding`,
`pictures` and the like who answers; `guard` and `access` say who may ask; `app` joins them and `server` runs
that. Needs the extra `serve`; `client`, which asks such a service, does not.
"""

API = "/api/v1"
PORT = 8765  # where no other is chosen
