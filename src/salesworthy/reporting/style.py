"""How pages look: one sheet for light, dark, phone and print, and the colours that charts share with it."""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "panel": "#f6f7f8",
    "ink": "#1b1f24",
    "soft": "#59636e",
    "line": "#d5d9de",
    "link": "#0b5394",
    "ours": "#1d5fa6",
    "second": "#b4621a",
    "third": "#7b4ba0",
    "fourth": "#1f7a70",
    "plain": "#7c858f",
    "for": "#2a7d5f",
    "against": "#b8472f",
    "low": "#4f86c6",
    "middle": "#a8a2ad",
    "high": "#cc5a5a",
    "warn": "#8a5a00",
    "warned": "#fdf5e1",
}
"""Name -> colour on a light page; charts are drawn in these."""
DARK = {
    "paper": "#15181c",
    "panel": "#1e2227",
    "ink": "#e6e8eb",
    "soft": "#a3acb6",
    "line": "#3a4047",
    "link": "#82b6ee",
    "ours": "#6fa8e6",
    "second": "#dd9a5c",
    "third": "#b592d6",
    "fourth": "#5cb8ac",
    "plain": "#98a1ab",
    "for": "#62b896",
    "against": "#e08a74",
    "low": "#6fa0dc",
    "middle": "#8f8a95",
    "high": "#e27d7d",
    "warn": "#e4b75b",
    "warned": "#2d2616",
}
"""The same names on a dark page."""


def variable(name: str) -> str:
    """A colour as a page writes it: as the reader's light or dark page has it, or else as on a light one."""
    return f"var(--{name},{LIGHT[name]})"


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


STYLE = (
    f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
@media print {{ :root {{ color-scheme: light; {_variables(LIGHT)} }} }}
"""
    + """
* { box-sizing: border-box }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0; background: var(--paper); color: var(--ink) }
body { overflow-wrap: break-word }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
a { color: var(--link) }
h1, h2, h3 { line-height: 1.25; text-wrap: balance } h1 { font-size: 1.7rem; margin: 0 0 .4rem }
h2 { font-size: 1.25rem; margin: 3rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line) }
h3 { font-size: 1.02rem; margin: 1.6rem 0 .4rem }
p, ul, ol, dl { max-width: 44rem; margin: .5rem 0 } ul, ol { padding-left: 1.2rem } li { margin: .25rem 0 }
.lead { font-size: 1.1rem } .soft, figcaption, caption { color: var(--soft) } .soft { font-size: .92rem }
nav { background: var(--panel); border-radius: .5rem; padding: .6rem 1rem; margin: 1.2rem 0 }
nav ul { columns: 14rem; margin: 0; max-width: none } nav li { break-inside: avoid; margin: 0; padding: .1rem 0 }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .2rem 1.2rem }
dt { color: var(--soft) } dd { margin: 0 }
.callout { border-left: 4px solid var(--plain); background: var(--panel); padding: .5rem .9rem; margin: .8rem 0 }
.callout { max-width: 46rem; border-radius: 0 .4rem .4rem 0 } .callout p { margin: .2rem 0 }
.callout.good { border-color: var(--for) } .callout.warning { border-color: var(--warn); background: var(--warned) }
.scroll { overflow-x: auto; margin: .8rem 0 }
table { border-collapse: collapse; font-size: .9rem } caption { text-align: left; padding-bottom: .3rem }
th, td { padding: .28rem .8rem .28rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { font-weight: 600; vertical-align: bottom }
td.number, th.number { text-align: right; padding: .28rem 0 .28rem .8rem } .day { white-space: nowrap }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap }
td .interval { display: block; color: var(--soft); font-size: .86em }
code { background: var(--panel); padding: 0 .2rem; font-size: .9em; overflow-wrap: anywhere }
td code { overflow-wrap: normal } pre { overflow-x: auto; background: var(--panel); padding: .6rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1rem 2.5rem }
figure { margin: .6rem 0; min-width: 0 } figure svg { display: block; width: 100%; height: auto; max-width: 30rem }
figcaption { font-size: .92rem; margin-bottom: .3rem } figcaption strong { color: var(--ink); display: block }
details { margin: .3rem 0 .8rem; font-size: .95rem } summary { cursor: pointer; color: var(--link) }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; max-width: none }
.legend li { display: flex; align-items: center; gap: .4rem; margin: 0 } .legend svg { width: 28px; height: 10px }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem }
@media (max-width: 40rem) { dl { grid-template-columns: minmax(6rem, 8rem) 1fr; gap: .2rem .8rem } }
@media print { body { font-size: 11px } nav { display: none } section, figure, article { break-inside: avoid } }
"""
)
