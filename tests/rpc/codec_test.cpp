#include "rpc/codec.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

using namespace std::string_literals;
using namespace wsbench::rpc;

namespace {

std::string response_of(const std::string& value) {
  return "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n" + value +
         "\n</param>\n</params>\n</methodResponse>\n";
}

Value decoded(const std::string& value) {
  const auto result = decode_response(response_of(value));
  INFO((result ? "" : result.error().message));
  REQUIRE(result);
  return *result;
}

Value nested_arrays(std::size_t depth) {
  Value value(7);
  for (std::size_t i = 0; i < depth; ++i) value = Value(Array{value});
  return value;
}

std::string nested_document(std::size_t depth) {
  std::string open;
  std::string close;
  for (std::size_t i = 0; i < depth; ++i) {
    open += "<value><array><data>";
    close += "</data></array></value>";
  }
  return response_of(open + close);
}

Value rich_value() {
  return Struct{{"text", " a < b & c > d \r\n"},
                {"", "a nameless member"},
                {"numbers", Array{1, -2.5, std::int64_t{1} << 40, true, Value()}},
                {"bytes", Binary{"\0\xFF\x1b"s}},
                {"when", DateTime{"19980717T14:08:55"}},
                {"empty", Array{Array{}, Struct{}, ""}}};
}

}  // namespace

TEST_CASE("every type of value comes back as it went") {
  const Value value = GENERATE(
      Value(), Value(true), Value(false), Value(0), Value(-1), Value(2147483647),
      Value(std::int64_t{2147483648}), Value(std::numeric_limits<std::int64_t>::min()),
      Value(std::numeric_limits<std::int64_t>::max()), Value(""), Value(" "), Value("\n"), Value(" \t\r\n "),
      Value("a]]>b"), Value("&amp;<value>"), Value("\xE2\x82\xAC\xF0\x9F\x90\x81"), Value(Binary{}),
      Value(Binary{"\0\x01\x1b\xFF"s}), Value(DateTime{"20260101T00:00:00"}), Value(Array{}), Value(Struct{}),
      rich_value(), nested_arrays(kMaxNesting));
  const auto back = decode_response(encode_response(value));
  REQUIRE(back);
  CHECK(*back == value);

  const auto call = decode_call(encode_call({"supervisor.x", {value, 5, value}}));
  REQUIRE(call);
  CHECK(call->method == "supervisor.x");
  CHECK(call->params == Array{value, 5, value});
}

TEST_CASE("a double comes back bit by bit") {
  const double number = GENERATE(0.0, -0.0, 0.1, 1.0 / 3.0, 1e21, 1e300, 5e-324, -123456.789,
                                 std::numeric_limits<double>::max(), std::numeric_limits<double>::min(),
                                 std::numeric_limits<double>::infinity());
  const std::string document = encode_response(number);
  const auto back = decode_response(document);
  REQUIRE(back);
  const auto* same = back->get_if<double>();
  REQUIRE(same != nullptr);
  CHECK(*same == number);
  CHECK(std::signbit(*same) == std::signbit(number));
  CHECK(document.find("e+") == std::string::npos);
}

TEST_CASE("what XML forbids is never sent") {
  const std::string document = encode_response("\x1b[1m\0\xEF\xBF\xBE\xE9"s);
  CHECK(document.find("<string>?[1m?\xEF\xBF\xBD?</string>") != std::string::npos);
}

TEST_CASE("values are read as other implementations write them") {
  CHECK(decoded("<value>bare text</value>") == Value("bare text"));
  CHECK(decoded("<value> </value>") == Value(" "));
  CHECK(decoded("<value></value>") == Value(""));
  CHECK(decoded("<value/>") == Value(""));
  CHECK(decoded("<value><string/></value>") == Value(""));
  CHECK(decoded("<value>\n  <string>  x\n </string>\n</value>") == Value("  x\n "));
  CHECK(decoded("<value><i4>-12</i4></value>") == Value(-12));
  CHECK(decoded("<value><int> +12\n</int></value>") == Value(12));
  CHECK(decoded("<value><int>2147483648</int></value>") == Value(std::int64_t{2147483648}));
  CHECK(decoded("<value><i8>9223372036854775807</i8></value>") ==
        Value(std::numeric_limits<std::int64_t>::max()));
  CHECK(decoded("<value><double>1e-05</double></value>") == Value(1e-5));
  CHECK(decoded("<value><nil/></value>") == Value());
  CHECK(decoded("<value><base64>\nAAH/\n</base64></value>") == Value(Binary{"\0\x01\xFF"s}));
  CHECK(decoded("<value><string>a<![CDATA[<b>]]>c<!-- no -->d</string></value>") == Value("a<b>cd"));
}

TEST_CASE("a log text with bytes that XML forbids is read") {
  CHECK(decoded("<value><string>\x1b[32mok\x1b[0m \xEF\xBF\xBE\r\n" + "\0 end"s + "</string></value>") ==
        Value("?[32mok?[0m \xEF\xBF\xBD\r\n? end"));
  CHECK(decoded("<value><string>&#27;&#0;&#xFFFF;&#13;</string></value>") == Value("??\xEF\xBF\xBD\r"));
}

TEST_CASE("a fault comes as an error") {
  const auto result = decode_response(encode_fault(10, "BAD_NAME: <x>"));
  REQUIRE_FALSE(result);
  CHECK(result.error().is(FaultCode::bad_name));
  CHECK(result.error().message == "BAD_NAME: <x>");
}

TEST_CASE("a malformed value is refused, with its place") {
  const auto [value, message] = GENERATE(table<std::string, std::string>({
      {"<value><int></int></value>", "in param 0: <int> must be a number, not \"\""},
      {"<value><int>12x</int></value>", "in param 0: <int> must be a number, not \"12x\""},
      {"<value><int>1 2</int></value>", "in param 0: <int> must be a number, not \"1 2\""},
      {"<value><int>+-1</int></value>", "in param 0: <int> must be a number, not \"+-1\""},
      {"<value><i8>9223372036854775808</i8></value>",
       "in param 0: <i8> holds \"9223372036854775808\", which is out of range"},
      {"<value><boolean>true</boolean></value>", "in param 0: <boolean> must be 0 or 1, not \"true\""},
      {"<value><double>0x1</double></value>", "in param 0: <double> must be a number, not \"0x1\""},
      {"<value><base64>A</base64></value>", "in param 0: <base64> does not hold base64"},
      {"<value><nil>x</nil></value>", "in param 0: <nil> must be empty"},
      {"<value><float>1</float></value>", "in param 0: <float> is not a type of XML-RPC"},
      {"<value><int>1</int><int>2</int></value>", "in param 0: unexpected <int> in <value>"},
      {"<value>x<int>1</int></value>", "in param 0: unexpected text \"x\" between elements"},
      {"<value><string>a<b/></string></value>", "in param 0: <string> must hold text, not elements"},
      {"<value><array></array></value>", "in param 0, array: <data> is missing"},
      {"<value><array><data><int>1</int></data></array></value>",
       "in param 0, array: expected <value>, found <int>"},
      {"<value><array><data><value/><value><int>z</int></value></data></array></value>",
       "in param 0, array item 1: <int> must be a number, not \"z\""},
      {"<value><struct><value/></struct></value>", "in param 0, struct: expected <member>, found <value>"},
      {"<value><struct><member><value/></member></struct></value>",
       "in param 0, struct member: expected <name>, found <value>"},
      {"<value><struct><member><name>pid</name></member></struct></value>",
       "in param 0, struct member: <value> is missing"},
      {"<value><struct><member><name>pid</name><value><int>z</int></value></member></struct></value>",
       "in param 0, struct member \"pid\": <int> must be a number, not \"z\""},
      {"<value><struct><member><name>a</name><value/></member><member><name>a</name><value/></member>"
       "</struct></value>",
       "in param 0, struct member \"a\": is given twice"},
  }));
  const auto result = decode_response(response_of(value));
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == Error::Kind::malformed);
  CHECK(result.error().message == message);
}

TEST_CASE("a document of another shape than a response is refused") {
  const std::string document = GENERATE(
      "", " ", "hello", "<html/>", "<methodResponse/>", "<methodResponse><params/></methodResponse>",
      "<methodResponse><params><param/></params></methodResponse>",
      "<methodResponse><params><param><value/><value/></param></params></methodResponse>",
      "<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>",
      "<methodResponse><params><param><value/></param></params></methodResponse><a/>",
      "<methodResponse><params><param><value/></param></params></methodResponse>tail",
      "<methodResponse><fault><value>x</value></fault></methodResponse>",
      "<methodResponse><fault/></methodResponse>",
      "<methodResponse><fault><value/></fault><params/></methodResponse>",
      "<methodCall><methodName>x</methodName></methodCall>");
  const auto result = decode_response(document);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == Error::Kind::malformed);
  CHECK_FALSE(result.error().message.empty());
}

TEST_CASE("a call without params is read, one without a method is not") {
  const auto call = decode_call("<methodCall><methodName> a.b </methodName></methodCall>");
  REQUIRE(call);
  CHECK(call->method == "a.b");
  CHECK(call->params.empty());
  CHECK_FALSE(decode_call("<methodCall><params/></methodCall>"));
  CHECK_FALSE(decode_call("<methodCall><methodName></methodName></methodCall>"));
  CHECK_FALSE(decode_call("<methodCall><methodName>a</methodName><params>x</params></methodCall>"));
  CHECK_FALSE(decode_call(encode_response(1)));
}

TEST_CASE("nesting is bounded long before the stack is") {
  CHECK(decode_response(nested_document(kMaxNesting)));
  CHECK_FALSE(decode_response(nested_document(kMaxNesting + 1)));
  CHECK_FALSE(decode_response(nested_document(100'000)));
  std::string unclosed = "<methodResponse>";
  for (int i = 0; i < 1'000'000; ++i) unclosed += "<a>";
  CHECK_FALSE(decode_response(unclosed));
}

TEST_CASE("the number of elements is bounded") {
  std::string items;
  for (int i = 0; i < 1000; ++i) items += "<value/>";
  const auto result = decode_response(response_of("<value><array><data>" + items + "</data></array></value>"),
                                      {.max_elements = 1000});
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find("more than 1000 tags") != std::string::npos);
}

TEST_CASE("a call holds large integers as supervisord reads them, a response as the specification has them") {
  const Value large(std::int64_t{5'000'000'000});
  CHECK(encode_call({"x", {large}}).find("<int>5000000000</int>") != std::string::npos);
  CHECK(encode_response(large).find("<i8>5000000000</i8>") != std::string::npos);
}

TEST_CASE("an error quotes little of the document, however much there is of it") {
  const std::string megabyte(1'000'000, 'x');
  const std::string document = GENERATE_COPY(
      encode_fault(30, megabyte), "<" + megabyte + "/>", "<methodResponse></" + megabyte + ">",
      "<methodResponse><" + megabyte.substr(0, 900) + "/></methodResponse>",
      "<methodResponse>" + megabyte + "</methodResponse>",
      response_of("<value><int>" + megabyte + "</int></value>"),
      response_of("<value><" + megabyte.substr(0, 900) + "/></value>"),
      response_of("<value><struct><member><name>" + megabyte +
                  "</name><value><int/></value></member></struct></value>"),
      "<?xml version='1.0' encoding='" + megabyte + "'?><methodResponse/>", "<methodResponse>&" + megabyte);
  const auto result = decode_response(document);
  REQUIRE_FALSE(result);
  const bool is_fault = result.error().kind == Error::Kind::fault;
  CAPTURE(result.error().message);
  CHECK(result.error().message.size() < (is_fault ? 1004 : 300));
}

TEST_CASE("a document cut at any byte is refused, never a crash") {
  std::string document = encode_response(rich_value());
  document.erase(document.find_last_of('>') + 1);
  REQUIRE(decode_response(document));
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < document.size(); ++size) {
    if (decode_response(std::string_view(document).substr(0, size))) ++accepted;
  }
  CHECK(accepted == 0);
}

TEST_CASE("a document with any byte changed is read or refused, never a crash") {
  const std::string document = encode_call({"a.b", {rich_value()}});
  std::size_t refused = 0;
  for (std::size_t i = 0; i < document.size(); ++i) {
    for (const char byte : {'\0', '<', '>', '&', '/', '\xFF', ' '}) {
      std::string changed = document;
      changed[i] = byte;
      const auto result = decode_call(changed);
      if (result) continue;
      ++refused;
      if (result.error().message.empty()) FAIL("a refusal without a reason at byte " << i);
    }
  }
  CHECK(refused > document.size());
}
