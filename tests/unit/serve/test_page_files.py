import re

from tests.helpers.served import Served


def test_page_and_all_that_it_names_come_without_a_token(running: Served) -> None:
    page = running.ask("/", token=None)
    assert page.status == 200
    named = re.findall(r'(?:href|src)="([\w./-]+)"', page.body.decode())
    assert "app.js" in named
    for address in [*{*named} - {"./"}, "icons/heart.svg", "sw.js"]:
        answer = running.ask(f"/{address}", token=None)
        assert answer.status == 200, address
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_its_texts_come_in_the_language_of_the_browser(running: Served) -> None:
    assert running.ask("/api/v1/strings?lang=zh-CN", token=None).said["Favourites"] == "收藏"
    chinese = running.ask("/api/v1/strings", headers={"Accept-Language": "zh-TW,en;q=0.5"}, token=None)
    assert chinese.said["Favourites"] == "收藏"
    assert running.ask("/api/v1/strings?lang=en", token=None).said == {}
