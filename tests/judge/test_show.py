"""A verdict as HTML: nothing of the learner's is markup, and code looks like code."""

from __future__ import annotations

from kit.judge.show import marked


def test_code_is_code_and_the_rest_is_text() -> None:
    assert marked("`x` is <b>, not `a < b`") == "<code>x</code> is &lt;b&gt;, not <code>a &lt; b</code>"
    assert marked("`two\nlines`") == "`two\nlines`"
