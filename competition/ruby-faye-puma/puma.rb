# Puma takes the handshakes; then the connections belong to EventMachine's reactor, in a thread beside it.

require "eventmachine"

Process.setrlimit(:NOFILE, Process.getrlimit(:NOFILE).last)
EventMachine.epoll # otherwise select: 1,024 connections at most

address = ENV["ADDRESS"].to_s.empty? ? "0.0.0.0" : ENV["ADDRESS"]
address = "[#{address}]" if address.include?(":")
bind "tcp://#{address}:#{ENV.fetch("PORT", 8000)}?backlog=4096&low_latency=true" # TCP_NODELAY
rackup File.expand_path("config.ru", __dir__)
environment "production"
threads 5, 5
quiet
# SIGTERM ends the process, which would otherwise wait for its clients.
raise_exception_on_sigterm true
