#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <websocketpp/frame.hpp>

namespace wsbench::client {

class MessagePool;

/// What websocketpp's processor calls a message: an opcode and the bytes that it appends to. Compiles as
/// C++17 only, like websocketpp. Used from one thread, so its references are counted without atomics.
class Message {
 public:
  using opcode_type = websocketpp::frame::opcode::value;

  /// Keeps a message alive. The least that websocketpp asks of a smart pointer.
  class ptr {
   public:
    ptr() noexcept = default;
    explicit ptr(Message& message) noexcept : message_(&message) { ++message_->references_; }
    ptr(const ptr& other) noexcept : message_(other.message_) {
      if (message_ != nullptr) ++message_->references_;
    }
    ptr(ptr&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
    ptr& operator=(ptr other) noexcept {
      std::swap(message_, other.message_);
      return *this;
    }
    ~ptr() { reset(); }

    void reset() noexcept {
      if (Message* message = std::exchange(message_, nullptr)) {
        if (--message->references_ == 0) delete message;
      }
    }
    bool is_only_one() const noexcept { return message_ != nullptr && message_->references_ == 1; }

    explicit operator bool() const noexcept { return message_ != nullptr; }
    Message& operator*() const noexcept { return *message_; }
    Message* operator->() const noexcept { return message_; }

   private:
    Message* message_ = nullptr;
  };

  opcode_type opcode() const noexcept { return opcode_; }

  /// For websocketpp text is binary: it would check UTF-8 byte by byte, which costs more than all the rest
  /// that it does, and whoever takes the message can do it at once.
  opcode_type get_opcode() const noexcept {
    return opcode_ == websocketpp::frame::opcode::text ? websocketpp::frame::opcode::binary : opcode_;
  }
  void set_opcode(opcode_type opcode) noexcept { opcode_ = opcode; }
  std::string& get_raw_payload() noexcept { return payload_; }
  const std::string& get_payload() const noexcept { return payload_; }

  // For the part of websocketpp that sends and compresses, which is compiled but never called.
  bool get_fin() const noexcept { return true; }
  bool get_compressed() const noexcept { return false; }
  void set_compressed(bool /*compressed*/) noexcept {}
  void set_prepared(bool /*prepared*/) noexcept {}
  void set_header(const std::string& /*header*/) noexcept {}

 private:
  std::string payload_;
  std::uint32_t references_ = 0;
  opcode_type opcode_ = websocketpp::frame::opcode::text;
};

/// websocketpp's message manager. A message is handed out again, with the memory that its payload has grown
/// to, once nobody has it any more: most come whole and are gone before the next, so one is enough. One that
/// is still in use (half received) is left to its user.
class MessagePool {
 public:
  using ptr = std::shared_ptr<MessagePool>;

  Message::ptr get_message(Message::opcode_type opcode, std::size_t size) {
    if (!spare_.is_only_one() || spare_->get_raw_payload().capacity() > kLargestKept) {
      spare_ = Message::ptr(*new Message);
    }
    spare_->set_opcode(opcode);
    spare_->get_raw_payload().clear();
    spare_->get_raw_payload().reserve(size);
    return spare_;
  }

 private:
  static constexpr std::size_t kLargestKept = 65536;

  Message::ptr spare_;
};

}  // namespace wsbench::client
