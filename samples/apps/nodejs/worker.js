'use strict';

// A process without a port. What it prints is in the app's log as worker.1, worker.2 and so on.
const seconds = Math.max(Number(process.env.WORKER_SECONDS) || 5, 1);
let beats = 0;

console.log(`worker started, a line every ${seconds} s`);
const timer = setInterval(() => console.log(`tick ${++beats}`), seconds * 1000);

process.on('SIGTERM', () => {
  clearInterval(timer);
  console.log(`worker stopped after ${beats} ticks`);
});
