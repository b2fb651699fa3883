#include "interchange/json_cursor.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <boost/json/parser.hpp>
#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::interchange {
namespace {

namespace json = boost::json;

std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}", line, offset - start + 1);
}

std::optional<std::uint64_t> whole_number(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  if (!value.is_string()) return std::nullopt;
  return parse_number<std::uint64_t>(value.get_string());
}

}  // namespace

Result<json::value, Remark> parse_json(std::string_view text, std::string_view file) {
  json::parser parser;
  boost::system::error_code error;
  const std::size_t read = parser.write(text, error);
  if (!error) return parser.release();
  return fail(Remark{.file = std::string(file),
                     .where = position(text, std::min(read, text.size())),
                     .what = "this is no JSON: " + error.message()});
}

JsonCursor JsonCursor::at(const json::value* value, std::string path) const {
  JsonCursor cursor = *this;
  cursor.value_ = value != nullptr && value->is_null() ? nullptr : value;
  cursor.path_ = std::move(path);
  return cursor;
}

JsonCursor JsonCursor::operator[](std::string_view key) const {
  const bool is_object = value_ != nullptr && value_->is_object();
  const json::value* const member = is_object ? value_->get_object().if_contains(key) : nullptr;
  return at(member, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key));
}

std::vector<JsonCursor> JsonCursor::items() const {
  if (value_ == nullptr) return {};
  if (!value_->is_array()) return {*this};
  std::vector<JsonCursor> all;
  for (const json::value& element : value_->get_array()) {
    all.push_back(at(&element, fmt::format("{}[{}]", path_, all.size())));
  }
  return all;
}

std::optional<std::string> JsonCursor::text() const {
  if (value_ == nullptr) return std::nullopt;
  if (value_->is_string()) return std::string(value_->get_string());
  remark("this is no text");
  return std::nullopt;
}

std::optional<std::uint64_t> JsonCursor::number(std::uint64_t most) const {
  if (value_ == nullptr) return std::nullopt;
  const auto value = whole_number(*value_);
  if (value && *value <= most) return value;
  remark(fmt::format("this is no whole number up to {}", most));
  return std::nullopt;
}

std::optional<bool> JsonCursor::flag() const {
  if (value_ == nullptr) return std::nullopt;
  if (value_->is_bool()) return value_->get_bool();
  if (const auto value = whole_number(*value_); value && *value <= 1) return *value == 1;
  remark("this is neither true nor false");
  return std::nullopt;
}

std::optional<net::Asn> JsonCursor::asn() const {
  const auto value = number(0xffffffff);
  if (!value) return std::nullopt;
  return net::Asn{static_cast<std::uint32_t>(*value)};
}

std::optional<net::IpAddress> JsonCursor::address() const {
  const auto written = text();
  if (!written) return std::nullopt;
  // Some write the length of the LAN behind.
  const auto address = net::IpAddress::parse(written->substr(0, written->find('/')));
  if (!address) remark("this is no IP address");
  return address;
}

void JsonCursor::remark(std::string what) const {
  remarks_->push_back({.file = std::string(file_), .where = path_, .what = std::move(what)});
}

}  // namespace fabrix::interchange
