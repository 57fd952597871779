// What a stranger tries from inside: each attempt is named, and succeeds (GOT) or does not (denied).
// Run as `node probe.js WHERE`, or required by a web process. targets.json stands beside it, see Probe.cs.
const fs = require('fs'), os = require('os'), child = require('child_process');

const targets = require('./targets.json');

exports.run = where => {
  const report = [];
  const attempt = (name, act) => {
    let got = false, why = '';
    try { got = act() !== false } catch (e) { why = String(e.code || e.message).split('\n')[0] }
    report.push(`${where} ${got ? 'GOT' : 'denied'} ${name}${why ? ' (' + why + ')' : ''}`);
  };
  const run = (file, ...args) => child.spawnSync(file, args, { encoding: 'utf8', timeout: 20000, stdio: ['ignore', 'pipe', 'pipe'] });
  const works = (file, ...args) => { const r = run(file, ...args); if (r.status !== 0) throw new Error(r.error?.code || (r.stderr || '').trim() || 'status ' + r.status) };
  const perl = code => works('perl', '-e', code);
  const processes = () => fs.readdirSync('/proc').filter(n => /^\d+$/.test(n));
  const anywhere = (file, needle) => processes().some(pid => { try { return fs.readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(needle) } catch { return false } });
  const write = path => { fs.writeFileSync(path, 'x'); fs.unlinkSync(path) };

  report.push(`${where} uid ${process.getuid()} gid ${process.getgid()} groups ${process.getgroups()}`);
  attempt('other processes', () => anywhere('cmdline', targets.hostProgram));
  attempt('signal to the host', () => process.kill(targets.hostPid, 0));
  attempt('signal to a neighbour', () => process.kill(targets.victimPid, 0));
  attempt('environment of others', () => anywhere('environ', targets.secret));
  attempt('token', () => fs.readFileSync(`${targets.data}/token`));
  attempt('data directory', () => fs.readdirSync(targets.data));
  attempt('journal', () => fs.readFileSync(`${targets.data}/journal.db`));
  attempt('key', () => fs.readFileSync(`${targets.data}/host.key`));
  attempt('token through a link of the source', () => fs.readFileSync('./leak'));
  attempt('root of the host', () => fs.readFileSync(`/proc/${targets.hostPid}/root/etc/shadow`));
  attempt('shadow', () => fs.readFileSync('/etc/shadow'));
  attempt('home of root', () => fs.readdirSync('/root'));
  attempt('work directory', () => fs.readdirSync(`${targets.work}/dynos`));
  attempt('existence of the work directory', () => fs.statSync(`${targets.work}/dynos`));
  attempt('code of a neighbour', () => fs.readFileSync(`/proc/${targets.victimPid}/cwd/server.js`));
  for (const directory of ['/', '/etc', '/usr', '/var', '/home', '/opt', '/mnt']) attempt(`write to ${directory}`, () => write(`${directory === '/' ? '' : directory}/paas-was-here`));
  attempt('setuid', () => process.setuid(0));
  attempt('su', () => run('su', '-c', 'id').stdout.includes('uid=0'));
  attempt('capabilities', () => /Cap(Eff|Bnd):\t0*[1-9a-f]/.test(fs.readFileSync('/proc/self/status', 'utf8')));
  attempt('new privileges', () => !/NoNewPrivs:\t1/.test(fs.readFileSync('/proc/self/status', 'utf8')));
  attempt('mount', () => works('mount', '-t', 'tmpfs', 'none', '/tmp'));
  attempt('user namespace', () => works('unshare', '-U', 'true'));
  attempt('ptrace', () => perl('exit(syscall(101, 0, 0, 0, 0) == -1 ? 1 : 0)'));
  attempt('bpf', () => perl('exit(syscall(321, 5, 0, 0) == -1 && ($!{EPERM} || $!{ENOSYS}) ? 1 : 0)'));
  attempt('kernel module', () => perl('my $x = "x"; exit(syscall(175, $x, 1, $x) == -1 && ($!{EPERM} || $!{ENOSYS}) ? 1 : 0)'));
  attempt('raw socket', () => perl('use Socket; socket(my $s, PF_INET, SOCK_RAW, 1) or die $!'));
  attempt('packet socket', () => perl('socket(my $s, 17, 3, 0) or die $!'));
  const connects = (address, port) => perl(`use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or die; $SIG{ALRM} = sub { die "timeout" }; alarm 3; connect($s, pack_sockaddr_in(${port}, inet_aton("${address}"))) or die $!`);
  attempt("another app's port", () => connects(targets.victimAddress, targets.victimPort));
  attempt('the API on loopback', () => connects('127.0.0.1', targets.apiPort));
  attempt('a listener of the machine', () => connects(targets.machineAddress, targets.machinePort));
  const gateway = (fs.readFileSync('/proc/net/route', 'utf8').split('\n').map(l => l.split('\t')).find(f => f[1] === '00000000') || [])[2];
  if (gateway) attempt('a listener of the machine at the gateway', () => connects(gateway.match(/../g).reverse().map(h => parseInt(h, 16)).join('.'), targets.machinePort));
  attempt('an abstract socket of the machine', () => perl(`use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die; connect($s, pack_sockaddr_un("\\0${targets.abstractSocket}")) or die $!`));
  attempt('descriptors of the host', () => fs.readdirSync('/proc/self/fd').some(fd => { try { return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(targets.data) } catch { return false } }));
  attempt('host name of the machine', () => os.hostname() === targets.machineName);
  report.push(`${where} tried everything`);
  return report.join('\n');
};

if (require.main === module) console.log(exports.run(process.argv[2]));
