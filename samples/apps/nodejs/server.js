'use strict';

const express = require('express');
const { page } = require('./page');

const port = Number(process.env.PORT || 3000);
const app = express();
app.disable('x-powered-by');

const known = (facts) => Object.entries(facts).filter(([, value]) => value);

// A page for browsers, a few lines for curl.
app.get('/', (request, response) => {
  const greeting = process.env.GREETING || 'Hello from your app';
  const facts = {
    Release: process.env.HEROKU_RELEASE_VERSION,
    Dyno: process.env.DYNO || 'local',
    Request: request.get('x-request-id'),
  };
  response.format({
    text: () => response.send(`${greeting}\n${known(facts).map(([name, value]) => `${name}: ${value}`).join(', ')}\n`),
    html: () => response.send(page(greeting, known(facts))),
  });
});

app.get('/whoami', (request, response) => {
  response.json({ dyno: process.env.DYNO || 'local', pid: process.pid, port });
});

// Answers after ?ms= milliseconds (at most a minute): shows what a restart does to a request that is under way.
app.get('/slow', (request, response) => {
  const ms = Math.min(Math.max(Number(request.query.ms) || 0, 0), 60_000);
  setTimeout(() => response.json({ dyno: process.env.DYNO || 'local', ms }), ms);
});

const server = app.listen(port, () => console.log(`listening on ${port}`));

// A dyno gets SIGTERM before it is stopped: answer what has begun, take nothing new, end.
process.on('SIGTERM', () => {
  console.log('SIGTERM: finishing the requests under way');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
