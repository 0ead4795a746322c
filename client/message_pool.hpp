#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <websocketpp/frame.hpp>

namespace wsbench::client {

/// websocketpp's message manager: hands out messages that have been used before, with the memory that their
/// payload has grown to. Every thread has a ring of them; one that is still in use when its turn comes (an
/// unsent message, a half received one) leaves the ring to its user and is replaced. Compiles as C++17 only,
/// like websocketpp.
template <typename Message>
class MessagePool : public std::enable_shared_from_this<MessagePool<Message>> {
 public:
  using ptr = std::shared_ptr<MessagePool>;
  using weak_ptr = std::weak_ptr<MessagePool>;
  using message_ptr = std::shared_ptr<Message>;

  message_ptr get_message() { return get_message(websocketpp::frame::opcode::text, 0); }

  message_ptr get_message(websocketpp::frame::opcode::value opcode, std::size_t size) {
    // Large payloads, which only the probe has, are not worth keeping.
    if (size > kLargestKept) return std::make_shared<Message>(nullptr, opcode, size);
    static thread_local Ring ring;
    message_ptr& message = ring.messages[ring.next++ % kMessages];
    if (message == nullptr || message.use_count() != 1 ||
        message->get_raw_payload().capacity() > 2 * kLargestKept) {
      message = std::make_shared<Message>(nullptr, opcode, size);
      return message;
    }
    message->get_raw_payload().clear();
    message->set_header(std::string());
    message->set_opcode(opcode);
    message->set_prepared(false);
    message->set_fin(true);
    message->set_terminal(false);
    message->set_compressed(false);
    return message;
  }

  bool recycle(Message* /*message*/) noexcept { return false; }

 private:
  static constexpr std::size_t kMessages = 64;
  static constexpr std::size_t kLargestKept = 16384;

  struct Ring {
    std::array<message_ptr, kMessages> messages;
    std::size_t next = 0;
  };
};

}  // namespace wsbench::client
