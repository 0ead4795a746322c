#include "rpc/base64.hpp"

#include <catch2/catch.hpp>

using wsbench::rpc::decode_base64;
using wsbench::rpc::encode_base64;

TEST_CASE("base64 gives the vectors of RFC 4648") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                       {"f", "Zg=="},
                                                                       {"fo", "Zm8="},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg=="},
                                                                       {"fooba", "Zm9vYmE="},
                                                                       {"foobar", "Zm9vYmFy"}}));
  CHECK(encode_base64(bytes) == text);
  CHECK(decode_base64(text) == bytes);
}

TEST_CASE("base64 carries every byte") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK(decode_base64(encode_base64(bytes)) == bytes);
}

TEST_CASE("base64 with broken lines is read") {
  CHECK(decode_base64("Zm9v\r\n\tYmFy\n") == "foobar");
}

TEST_CASE("what is not base64 is refused") {
  CHECK_FALSE(
      decode_base64(GENERATE("Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9*", "Zm9v=")));
}
