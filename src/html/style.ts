import { createHash } from 'node:crypto';
import { raw } from 'hono/html';

const LIGHT =
  '--bg:#fff;--card:#f6f7f9;--text:#1a1f26;--muted:#56606c;--line:#dce1e7;--link:#0b57d0;--bar:#7d93ad;--critical:#a30f3b;--high:#9a3d0b;--medium:#765500;--low:#3f5a70;--good:#17673a;--warn:#fdf3dc;--warnline:#e0b64d';
const DARK =
  '--bg:#13161b;--card:#1b2027;--text:#e7eaef;--muted:#a3adb9;--line:#2f3742;--link:#8fb8ff;--bar:#5c7391;--critical:#ff93ab;--high:#ffb386;--medium:#e8c865;--low:#a6c0d4;--good:#83d9a8;--warn:#2b2514;--warnline:#8a6d21';

/**
 * One piece of text, because a policy allows it by its digest. No image and no font, so that nothing is fetched. Colour only repeats what a
 * word says.
 */
const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:var(--bg);color:var(--text);scroll-behavior:auto}
body{margin:0 auto;max-width:72rem;padding:0 1.5rem 3rem;overflow-wrap:break-word}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,button:focus-visible,select:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.5rem 1rem;z-index:1}
.site{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline;padding:1rem 0;border-bottom:1px solid var(--line);color:var(--muted);font-size:.9rem}
.brand{font-weight:700;font-size:1.1rem;color:var(--text);text-decoration:none}
.site nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-left:auto}
h1{font-size:1.75rem;line-height:1.25;margin:2rem 0 .5rem;letter-spacing:-.01em;max-width:60rem;text-wrap:pretty}
h2{font-size:1.2rem;line-height:1.3;margin:2.25rem 0 .6rem}
h3{font-size:1rem;margin:1.75rem 0 .5rem}
h4{font-size:.9rem;margin:1.25rem 0 .35rem;color:var(--muted)}
p{margin:.5rem 0;max-width:50rem}
.lede,.muted,caption,footer{color:var(--muted)}
.lede{margin-bottom:1.25rem}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;padding:0 0 .5rem;font-size:.875rem}
th,td{border-bottom:1px solid var(--line);padding:.55rem 1rem .55rem 0;text-align:left;vertical-align:top}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-weight:600;font-size:.8125rem;white-space:nowrap;border-bottom-width:2px}
tbody th{font-weight:600;min-width:13rem}
td,th,bdi{overflow-wrap:anywhere}
.num,.short,.short bdi{overflow-wrap:normal}
.compact tbody th{min-width:9rem}
.compact{width:auto;min-width:min(34rem,100%)}
.compact th,.compact td{padding-top:.3rem;padding-bottom:.3rem;padding-right:1.5rem}
.compact thead th{white-space:normal}
.begins::first-letter{text-transform:uppercase}
.num{text-align:right;padding-right:1.5rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.short{white-space:nowrap}
.word{min-width:4.5rem}
.sub{display:block;color:var(--muted);font-size:.875rem;font-weight:400}
.tag{display:inline-block;font-size:.8125rem;font-weight:600;line-height:1.4;padding:.05rem .5rem;border:1px solid currentColor;border-radius:1rem;white-space:nowrap;color:var(--muted)}
.critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.good{color:var(--good)}
.critical.tag{background:var(--critical);border-color:var(--critical);color:var(--bg)}
.notice{background:var(--warn);border-left:4px solid var(--warnline);padding:.75rem 1.25rem;margin:1rem 0;border-radius:.25rem}
.notice h2{margin:.25rem 0;font-size:1rem}
.notice ul{margin:.5rem 0;padding-left:1.25rem}
.notice li{margin:.35rem 0}
.overview{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1.25rem;margin-top:1.5rem}
.card{background:var(--card);border-radius:.5rem;padding:1rem 1.25rem}
.card h2{margin:0 0 .5rem;font-size:1rem}
.counts{list-style:none;margin:0;padding:0}
.counts li{display:flex;justify-content:space-between;align-items:baseline;padding:.3rem 0;border-bottom:1px solid var(--line)}
.counts li:last-child{border-bottom:0}
.counts b{font-size:1.15rem;font-variant-numeric:tabular-nums}
figure{margin:0}
.trend{display:block;width:100%;height:5.5rem;border-bottom:1px solid var(--muted)}
.trend rect{fill:var(--bar)}
.trend rect.last{fill:var(--link)}
.axis{display:flex;max-width:none;justify-content:space-between;font-size:.8125rem;color:var(--muted);margin:.25rem 0 .5rem}
details{font-size:.9375rem}
summary{cursor:pointer;color:var(--link);width:fit-content}
form{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:end;background:var(--card);border-radius:.5rem;padding:1rem 1.25rem;margin:0 0 1rem}
label{display:flex;flex-direction:column;gap:.2rem;min-width:0;max-width:15rem;font-size:.8125rem;color:var(--muted)}
select,button{font:inherit;font-size:.9375rem;color:var(--text);background:var(--bg);border:1px solid var(--muted);border-radius:.35rem;padding:.35rem .6rem;min-height:2.4rem;max-width:100%}
button{background:var(--link);border-color:var(--link);color:var(--bg);font-weight:600;cursor:pointer;padding:.35rem 1.1rem}
.pager{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:1rem 0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem}
code{background:var(--card);padding:.1rem .35rem;border-radius:.25rem}
.notice code{background:none;padding:0;font-weight:600}
pre{background:var(--card);padding:.75rem 1rem;border-radius:.35rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.differs{font-weight:700;color:var(--high)}
.facts{display:flex;flex-wrap:wrap;gap:.35rem .75rem;align-items:baseline;margin:.75rem 0}
.finding{border-top:2px solid var(--line);margin-top:2rem;padding-top:.25rem}
@media (max-width:44rem){body{padding:0 1rem 2rem}h1{font-size:1.4rem;margin-top:1.25rem}.wide{display:none}th,td,.num{padding-right:.6rem}thead th{white-space:normal}.site nav{margin-left:0;width:100%}.site span{display:none}
form label{flex:1 1 40%;max-width:none}select{width:100%}tbody th,.compact tbody th{min-width:5.5rem}form button{flex:1 1 100%}}
@media print{:root{${LIGHT};color-scheme:light}html{font-size:10.5pt}body{max-width:none;padding:0}.skip,form,.pager,.site nav,.screen,.card details{display:none}.notice summary{list-style:none;color:inherit}details::details-content{content-visibility:visible;height:auto}
a{color:inherit;text-decoration:none}h1{margin-top:1rem}h2{margin-top:1.5rem}h2,h3,h4,caption{break-after:avoid}tr,.card,.notice,figure,pre{break-inside:avoid}
.card,pre,code{background:none;border:1px solid var(--line)}.notice{border:1px solid var(--warnline);border-left-width:4px}.critical.tag{background:none;color:var(--critical)}thead{display:table-header-group}@page{margin:15mm}}
`;

/** In one piece: a formatter that breaks the line would change what the digest is of. */
export const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);
export const STYLE_DIGEST = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
