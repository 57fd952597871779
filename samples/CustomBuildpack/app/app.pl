use strict;
use warnings;
use IO::Socket::INET;
use Greeting;

$| = 1;
$SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT} || 5000, Listen => 16, ReuseAddr => 1) or die "cannot listen: $@";
print "listening on $ENV{PORT}\n";
while (my $client = $server->accept) {
    while (my $line = <$client>) { last if $line =~ /^\r?$/ }
    my $page = Greeting::page();
    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " . length($page) . "\r\nConnection: close\r\n\r\n$page";
    close $client;
}
