import './style.css';
import { pageOf } from './pages.js';

const app = document.querySelector('#app');

// The path is the app's own business: the server answers every one of them with index.html.
const show = () => {
  const page = pageOf(location.pathname);
  document.title = page.title;
  app.replaceChildren(Object.assign(document.createElement('h1'), { textContent: page.title }), ...page.links.map(link));
};

const link = (path) => {
  const a = Object.assign(document.createElement('a'), { href: path, textContent: path });
  a.addEventListener('click', (event) => {
    event.preventDefault();
    history.pushState({}, '', path);
    show();
  });
  return a;
};

addEventListener('popstate', show);
show();
