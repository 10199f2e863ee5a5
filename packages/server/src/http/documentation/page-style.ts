/** The documentation page's style sheet: readable, light and dark, nothing loaded from anywhere. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ground:light-dark(#fbfaf8,#15171a);--card:light-dark(#fff,#1d2024);--ink:light-dark(#1f2328,#e6e8eb);
--faint:light-dark(#5c6470,#9aa3af);--line:light-dark(#e2e0db,#31363d);--accent:light-dark(#0b5cad,#7cb8ff);--code:light-dark(#f2f0ec,#262a30)}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.8rem;margin:.2em 0}h2{margin:2.2em 0 .6em;font-size:1.3rem;border-bottom:1px solid var(--line)}
a{color:var(--accent)}a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:0;list-style:none}
details{background:var(--card);border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0}
summary{cursor:pointer;padding:.55rem .8rem;display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
details>div{padding:0 .9rem .8rem;border-top:1px solid var(--line)}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:var(--code);border-radius:.4rem;padding:.7rem;overflow-x:auto}
.method{font-weight:700;min-width:4.2em;color:var(--accent)}.faint{color:var(--faint)}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}
th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
`;
