'use strict';

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => escapes[c]);

exports.page = (greeting, facts) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(greeting)}</title>
<style>
  :root { color-scheme: light dark; --ink: #221c35; --soft: #6b6480; --card: #ffffff; --ground: #f3f0fa; --accent: #553c9a; }
  @media (prefers-color-scheme: dark) { :root { --ink: #efeaff; --soft: #a79fc0; --card: #221c35; --ground: #151122; --accent: #b69cff; } }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { width: min(34rem, 100%); padding: 2.5rem; background: var(--card); border-radius: 1rem; border-top: 6px solid var(--accent); box-shadow: 0 1rem 3rem #0002; }
  h1 { margin: 0 0 .25rem; font-size: clamp(1.6rem, 6vw, 2.2rem); line-height: 1.2; overflow-wrap: anywhere; }
  p { margin: 0 0 1.75rem; color: var(--soft); }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.5rem; margin: 0 0 1.75rem; }
  dt { color: var(--soft); }
  dd { margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
  a { color: var(--accent); margin-right: 1.25rem; }
</style>
<main>
  <h1>${escape(greeting)}</h1>
  <p>Pushed with git, built, released and served.</p>
  <dl>
    ${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('\n    ')}
  </dl>
  <a href="/whoami">/whoami</a><a href="/slow?ms=1500">/slow?ms=1500</a>
</main>
</html>
`;
