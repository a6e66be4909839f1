/** The page's whole style: one file without a network, for light and dark windows, telephones and paper. */
export const style = `
:root{color-scheme:light dark;--page:#f5f6f8;--sheet:#fff;--ink:#1c2127;--muted:#57606a;--line:#d5dae0;--faint:#eef1f4;
--copy:#0b57a4;--copy-ink:#fff;--good:#12652b;--good-sheet:#e7f5ea;--warn:#7a4a00;--warn-sheet:#fff4d9;--bad:#a30f27;--bad-sheet:#ffeceb}
@media (prefers-color-scheme:dark){:root{--page:#0e1217;--sheet:#171c23;--ink:#e7ecf2;--muted:#9aa4af;--line:#343c46;--faint:#1f262f;
--copy:#7db8f5;--copy-ink:#0b1a2b;--good:#6fd58a;--good-sheet:#12281a;--warn:#eab84f;--warn-sheet:#2d230d;--bad:#ff8b82;--bad-sheet:#341616}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1104px;margin:0 auto;padding:32px 32px 64px}
h1{font-size:2rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 8px}
h3{font-size:1.05rem;margin:24px 0 8px;overflow-wrap:anywhere}
p{margin:0 0 12px;max-width:80ch;overflow-wrap:anywhere}
code{font:.875em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:break-word}
a{color:var(--copy)}
ul,ol{margin:0 0 12px;padding-left:1.3em}
.muted,.product{color:var(--muted)}
.product{margin:0 0 4px;font-weight:600;letter-spacing:.02em}
.page-head{margin-bottom:20px}
.sign{display:inline-flex;align-items:center;justify-content:center;width:1.35em;height:1.35em;font-weight:700;flex:none;border-radius:50%;border:2px solid currentColor;font-size:.85em;line-height:1}
.bad>.sign,.bad>.sentence>.sign,.loss.bad{border-radius:0}
.warn>.sign,.warn>.sentence>.sign{border-radius:25%}
.verdict{display:flex;gap:16px;align-items:flex-start;padding:20px;background:var(--sheet);border:1px solid var(--line);border-left:8px solid;border-radius:8px;margin-bottom:16px}
.verdict .sign{font-size:1.4rem;margin-top:2px}
.verdict p{margin:0;color:var(--ink)}
.verdict .sentence{font-size:1.5rem;line-height:1.25;font-weight:700;margin-bottom:4px}
.verdict.good{border-left-color:var(--good);color:var(--good);background:var(--good-sheet)}
.verdict.warn{border-left-color:var(--warn);border-left-style:double;color:var(--warn);background:var(--warn-sheet)}
.verdict.bad{border-left-color:var(--bad);color:var(--bad);background:var(--bad-sheet);border-width:3px 3px 3px 8px;border-color:var(--bad)}
.facts{display:flex;flex-wrap:wrap;gap:1px;margin:0 0 16px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden}
.facts div{background:var(--sheet);padding:10px 14px;flex:1 1 140px}
.facts dt{color:var(--muted);font-size:.85rem}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(260px,1fr));gap:16px;margin-bottom:24px}
.card{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:16px 18px}
.card h2{font-size:.95rem;color:var(--muted);font-weight:600}
.card .sentence{font-weight:700;font-size:1.1rem;display:flex;gap:8px;align-items:flex-start;line-height:1.3;margin-bottom:6px}
.card p:last-child{margin:0;color:var(--muted);font-size:.92rem}
.card.good .sign{color:var(--good)}.card.warn .sign{color:var(--warn)}.card.bad .sign{color:var(--bad)}
nav{margin:0 0 24px;font-size:.95rem}
nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:6px 18px}
main>section,.drawing{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:24px;margin:0 0 24px}
.table{overflow-x:auto;margin:0 0 12px}
.table:focus-visible{outline:2px solid var(--copy);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}
thead th{color:var(--muted);font-weight:600;font-size:.85rem;vertical-align:bottom}
tbody th{font-weight:600}
tr.bad>*,tr.warn>*{padding-top:10px;padding-bottom:10px}
tr.bad>*{background:var(--bad-sheet)}tr.warn>*{background:var(--warn-sheet)}
tr.bad>:first-child{border-left:6px solid var(--bad);padding-left:10px}
tr.warn>:first-child{border-left:6px double var(--warn);padding-left:10px}
.names tbody th,.names .members{overflow-wrap:anywhere}
.survival td:nth-child(n+3):nth-child(-n+7){white-space:nowrap}
.badge{display:inline-flex;gap:.4em;align-items:flex-start;white-space:nowrap;font-weight:600}
.badge .sign{margin-top:.15em}
.survival .badge{white-space:normal}
.survival .points{display:block;margin-top:4px}
.badge.good,strong.good{color:var(--good)}.badge.warn,strong.warn{color:var(--warn)}.badge.bad,strong.bad{color:var(--bad)}.badge.calm{color:var(--muted)}
strong.bad,strong.warn{text-decoration:underline;text-underline-offset:3px}
.members{list-style:none;padding:0;margin:0}
.members{min-width:20em}
td ul{margin:0}
.note{border-left:4px solid var(--line);padding:8px 14px;background:var(--faint);border-radius:0 6px 6px 0;margin:16px 0 0;max-width:none}
.note h3{margin:0 0 6px}.note p:last-child,.note ol:last-child{margin:0}
.note.warn{border-left:6px double var(--warn);background:var(--warn-sheet)}
.note.warn h3{color:var(--warn)}
.status{display:grid;grid-template-columns:max-content 1fr;gap:6px 18px;margin:0 0 16px}
.status dt{color:var(--muted)}.status dd{margin:0;overflow-wrap:anywhere}
.timeline{margin:16px 0 0;overflow-x:auto}
.timeline svg{width:100%;min-width:640px;height:auto;display:block}
.timeline text{fill:var(--muted);font-size:13px}.timeline .name{fill:var(--ink);text-anchor:end}.timeline .day{text-anchor:middle}
.timeline .tick{stroke:var(--line)}.timeline .now{stroke:var(--warn);stroke-width:2}
.timeline .bar{fill:var(--copy)}.timeline .bar.past{fill:var(--line)}
.timeline .mark{stroke:var(--page);stroke-width:1.5;fill:var(--good)}.timeline .readable{fill:var(--sheet);stroke:var(--good);stroke-width:2}.timeline .failed{stroke:var(--bad);stroke-width:3;fill:none}
.timeline figcaption{color:var(--muted);font-size:.92rem;margin-top:8px}
footer{color:var(--muted);font-size:.9rem}
.drawing{margin-left:0;margin-right:0;text-align:center}
.drawing p{margin:0}
.drawing figcaption{color:var(--muted);font-size:.92rem;margin-top:14px;text-align:left}
.drawing small{font-size:.82rem}
.volume{display:inline-block;background:var(--copy);color:var(--copy-ink);border-radius:24px;padding:8px 24px}
.sites{display:flex;flex-wrap:wrap;gap:16px;justify-content:center;margin-top:16px}
.site{flex:1 1 200px;max-width:480px;text-align:left;background:var(--faint);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.site.witness{border:1px dashed var(--muted)}
.site.copy{border-top:5px solid var(--copy)}.site.vote{border-top:5px dashed var(--copy)}
.site ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(136px,1fr));gap:12px;list-style:none;padding:0;margin:10px 0}
.site li{background:var(--sheet);border:1px solid var(--muted);border-radius:6px;padding:6px 10px;overflow-wrap:anywhere}
.site li.copy{background:var(--copy);border-color:var(--copy);color:var(--copy-ink)}
.site li.vote{border:2px dashed var(--copy)}
.loss.good{color:var(--good)}.loss.warn{color:var(--warn)}.loss.bad{color:var(--bad);text-decoration:underline}
@media print,(min-width:761px){
.names tbody th{min-width:7em}.survival tbody th{min-width:10em}.waivers :is(td,th){overflow-wrap:anywhere;min-width:7em}
.survival tbody th{width:15%}.survival td:nth-child(2){width:12%}.survival td:last-child{width:40%}
.survival :is(th,td):nth-child(n+3):nth-child(-n+7){padding-right:8px}
}
@media screen and (min-width:761px){.survival td:last-child{min-width:16em}}
@media screen and (max-width:760px){
.status{grid-template-columns:1fr;gap:0}.status dd{margin-bottom:8px}
main{padding:20px 14px 40px}
h1{font-size:1.6rem}
.verdict{padding:16px;gap:12px}.verdict .sentence{font-size:1.2rem}
main>section,.drawing{padding:16px 14px}
.cards{grid-template-columns:1fr;gap:12px}
table,tbody,tr,th,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{border:1px solid var(--line);border-radius:6px;margin:0 0 12px;padding:10px 12px}
tbody tr.bad{border-left:8px solid var(--bad);background:var(--bad-sheet)}
tbody tr.warn{border-left:8px double var(--warn);background:var(--warn-sheet)}
tr.bad>*,tr.warn>*{background:none;padding-top:3px;padding-bottom:3px}
tr.bad>:first-child,tr.warn>:first-child{border-left:0;padding-left:0}
th,td{border:0;padding:3px 0}
tbody th{font-size:1rem;padding-bottom:4px}
.badge{white-space:normal}
td::before{content:attr(data-label) ": ";color:var(--muted);font-size:.85rem}
.survival td:nth-child(n+3):nth-child(-n+7){display:inline-block;margin-right:14px}
}
@media print{
:root{color-scheme:light;--page:#fff;--sheet:#fff;--ink:#000;--muted:#444;--line:#bbb;--faint:#f4f4f4;--copy:#0b57a4;--copy-ink:#fff;--good:#12652b;--good-sheet:#fff;--warn:#7a4a00;--warn-sheet:#fff;--bad:#a30f27;--bad-sheet:#fff}
@page{margin:14mm}
html{font-size:9.5pt}
body{font-size:9.5pt}
main{max-width:none;padding:0 1px}
nav{display:none}
main>section,.drawing{border:0;padding:0;margin:0 0 18pt}
.card,.verdict,.facts,tr,.drawing,.note{break-inside:avoid}
h2,h3{break-after:avoid}
.cards{grid-template-columns:repeat(3,1fr);gap:8pt}
.card{padding:8pt}
.table{overflow:visible}
table{font-size:8.5pt}
thead th{font-size:7.5pt}
th,td{padding:4pt 6pt 4pt 0}
.badge{white-space:normal}
thead{display:table-header-group}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
