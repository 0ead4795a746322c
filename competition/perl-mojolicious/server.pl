#!/usr/bin/perl
# WebSocket echo server on Mojolicious, which sets TCP_NODELAY by itself. Perl has no setrlimit of its own: the file
# limit is the one that it is started with.
#
# server.pl [prefork]: a process per core that it may run on, rather than one.

use Mojolicious::Lite -signatures;

use Mojo::File qw(path);
use Mojo::Server::Daemon;
use Mojo::Server::Prefork;
use Mojo::Util qw(decode);

use constant NO_LIMIT => 1 << 30;

app->mode('production');
app->log->level('error');

websocket '/*anything' => {anything => ''} => sub ($c) {
    $c->inactivity_timeout(0);
    $c->tx->max_websocket_size(1 << 20);    # 256 KiB otherwise
    $c->on(text   => sub ($c, $bytes) {
        defined decode('UTF-8', $bytes) ? $c->send({text => $bytes}) : $c->finish(1007);
    });
    $c->on(binary => sub ($c, $bytes) { $c->send({binary => $bytes}) });
};

my $address = $ENV{ADDRESS} || '*';
$address = "[$address]" if $address =~ /:/;
my %options = (
    app                => app,
    listen             => ["http://$address:" . ($ENV{PORT} || 8000)],
    backlog            => 4096,
    max_clients        => NO_LIMIT,    # 1,000 otherwise
    inactivity_timeout => 0,
    silent             => 1,
);

if ((shift // '') eq 'prefork') {
    chomp(my $cores = `nproc`);
    my $pid_file = path(File::Spec->tmpdir, "perl-mojolicious-prefork-$$.pid");
    # accepts: workers are replaced after 10,000 connections otherwise.
    Mojo::Server::Prefork->new(%options, workers => $cores, accepts => 0, pid_file => $pid_file)->run;
}
else {
    my $daemon = Mojo::Server::Daemon->new(%options)->start;
    # Not run: that looks for SIGTERM once a second. Untouched, it ends the process.
    $daemon->ioloop->start;
}
