#!/usr/bin/perl
# WebSocket echo server on EV (libev) through AnyEvent, frames by Protocol::WebSocket.
# Perl has no setrlimit of its own: the file limit is the one that it is started with.

use strict;
use warnings;

use EV;
use AnyEvent::Handle;
use AnyEvent::Socket qw(tcp_server);
use Protocol::WebSocket::Frame;
use Protocol::WebSocket::Handshake::Server;

# The module's own limits are 64 KiB and 128 fragments.
use constant FRAME_LIMITS => (max_payload_size => 1 << 20, max_fragments_amount => 1 << 20);

my $port = $ENV{PORT} || 8000;
my %handles;    # keeps the connections alive

sub accept_client {
    my ($socket) = @_;
    my $handshake = Protocol::WebSocket::Handshake::Server->new;
    my $forget = sub { my ($handle) = @_; delete $handles{$handle}; $handle->destroy };

    my $handle = AnyEvent::Handle->new(
        fh       => $socket,
        no_delay => 1,
        on_error => $forget,
        on_eof   => $forget,
        on_read  => sub {
            my ($handle) = @_;
            $handshake->parse($handle->{rbuf});
            return refuse($handle) if $handshake->error;
            return unless $handshake->is_done;
            $handle->push_write($handshake->to_string);
            echo_frames($handle, $handshake->build_frame(FRAME_LIMITS));
        },
    );
    $handles{$handle} = $handle;
}

sub refuse {
    my ($handle) = @_;
    $handle->push_write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    close_after_writing($handle);
}

sub echo_frames {
    my ($handle, $parser) = @_;
    $handle->on_read(sub {
        my ($handle) = @_;
        $parser->append($handle->{rbuf});
        while (defined(my $payload = eval { $parser->next_bytes })) {
            if ($parser->is_ping) {
                send_frame($handle, 'pong', $payload);
            }
            elsif ($parser->is_close) {
                send_frame($handle, 'close', $payload);
                return close_after_writing($handle);
            }
            elsif (!$parser->is_pong) {
                send_frame($handle, $parser->is_binary ? 'binary' : 'text', $payload);
            }
        }
        close_after_writing($handle) if $@;    # the parser dies on what is beyond its limits
    });
}

sub send_frame {
    my ($handle, $type, $payload) = @_;
    $handle->push_write(
        Protocol::WebSocket::Frame->new(type => $type, buffer => $payload, FRAME_LIMITS)->to_bytes);
}

sub close_after_writing {
    my ($handle) = @_;
    $handle->on_read(sub { $_[0]{rbuf} = '' });
    $handle->push_shutdown;
}

sub listen_on {
    my ($address) = @_;
    tcp_server $address, $port, \&accept_client, sub { 4096 };
}

if ($ENV{ADDRESS}) {
    listen_on($ENV{ADDRESS});
}
else {
    # The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
    eval { listen_on('::'); 1 } or listen_on('0.0.0.0');
}
EV::run;
