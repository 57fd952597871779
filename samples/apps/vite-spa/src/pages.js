const pages = {
  '/': { title: 'Hello from Vite', links: ['/about'] },
  '/about': { title: 'About this app', links: ['/'] },
};

export const pageOf = (path) => pages[path] ?? { title: `Nothing at ${path}`, links: ['/'] };
