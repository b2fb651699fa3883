#include "openflow/ovsdb.h"

#include <string_view>
#include <system_error>
#include <utility>

#include <boost/json.hpp>

#include "base/number.h"

namespace fabrix::openflow {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kRequestId = 1;
constexpr std::size_t kMostDepth = 16;
constexpr std::size_t kMostBridges = 4096;

Error wrong() {
  return Error{"what it says is no answer of an OVSDB server"};
}

const json::value* member(const json::object* object, std::string_view name) {
  return object == nullptr ? nullptr : object->if_contains(name);
}

// Of a column that may be empty: then it is an empty set.
std::string_view text_of(const json::object* row, std::string_view column) {
  const json::value* const value = member(row, column);
  const json::string* const text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

Result<OvsdbBridge> read_bridge(const json::value& value) {
  const json::object* const row = value.if_object();
  OvsdbBridge bridge{.name = std::string(text_of(row, "name")),
                     .is_secure = text_of(row, "fail_mode") == "secure"};
  if (bridge.name.empty()) return fail(wrong());
  const std::string_view id = text_of(row, "datapath_id");
  const auto number = parse_number<std::uint64_t>(id, 16);
  if (!id.empty() && !number) return fail(wrong());
  bridge.datapath_id = number.value_or(0);
  return bridge;
}

// RFC 7047 §4.1.3: an operation that fails has an object with "error" for its result, and those
// behind it null; if all goes well and cannot be committed, there is one more at the end.
Result<std::vector<OvsdbBridge>> read_results(const json::array& results) {
  const json::array* rows = nullptr;
  for (const json::value& each : results) {
    const json::object* const result = each.if_object();
    if (member(result, "error") != nullptr) {
      return fail(Error{"it refuses: " + std::string(text_of(result, "error")) + " " +
                        std::string(text_of(result, "details"))});
    }
    if (const json::value* const found = member(result, "rows")) rows = found->if_array();
  }
  if (rows == nullptr || rows->size() > kMostBridges) return fail(wrong());
  std::vector<OvsdbBridge> bridges;
  for (const json::value& row : *rows) {
    FABRIX_TRY(OvsdbBridge bridge, read_bridge(row));
    bridges.push_back(std::move(bridge));
  }
  return bridges;
}

// None: it answers nothing of ours.
std::optional<Result<std::vector<OvsdbBridge>>> read_message(const json::value& message) {
  using Outcome = Result<std::vector<OvsdbBridge>>;
  const json::object* const object = message.if_object();
  if (object == nullptr) return Outcome(fail(wrong()));
  const json::value* const id = member(object, "id");
  if (member(object, "method") != nullptr || id == nullptr || *id != kRequestId) {
    return std::nullopt;
  }
  const json::value* const result = member(object, "result");
  const json::array* const results = result == nullptr ? nullptr : result->if_array();
  if (results == nullptr) return Outcome(fail(wrong()));
  return read_results(*results);
}

}  // namespace

std::string bridges_request(const std::vector<std::string>& to_secure) {
  json::array params{"Open_vSwitch"};
  for (const std::string& name : to_secure) {
    json::array where;  // clang takes an array in braces for its copy
    where.push_back(json::array{"name", "==", name});
    params.push_back({{"op", "update"},
                      {"table", "Bridge"},
                      {"where", std::move(where)},
                      {"row", {{"fail_mode", "secure"}}}});
  }
  params.push_back({{"op", "select"},
                    {"table", "Bridge"},
                    {"where", json::array{}},
                    {"columns", json::array{"name", "datapath_id", "fail_mode"}}});
  return json::serialize(
      json::object{{"method", "transact"}, {"params", std::move(params)}, {"id", kRequestId}});
}

class BridgesAnswer::Impl {
 public:
  std::optional<Result<Bridges>> take(std::span<const std::byte> octets) {
    taken_ += octets.size();
    if (taken_ > kMostOctets) return Result<Bridges>(fail(Error{"it says too much"}));
    std::string text;
    for (const std::byte octet : octets) text.push_back(static_cast<char>(octet));
    std::string_view rest = text;
    while (!rest.empty()) {
      boost::system::error_code error;
      rest.remove_prefix(parser_.write_some(rest.data(), rest.size(), error));
      if (error) return Result<Bridges>(fail(wrong()));
      if (!parser_.done()) return std::nullopt;
      const json::value message = parser_.release();
      parser_.reset();
      if (auto answer = read_message(message)) return answer;
    }
    return std::nullopt;
  }

 private:
  json::stream_parser parser_{json::storage_ptr(), {.max_depth = kMostDepth}};
  std::size_t taken_ = 0;
};

BridgesAnswer::BridgesAnswer() : impl_(std::make_unique<Impl>()) {}
BridgesAnswer::~BridgesAnswer() = default;

std::optional<Result<BridgesAnswer::Bridges>> BridgesAnswer::take(
    std::span<const std::byte> octets) {
  return impl_->take(octets);
}

}  // namespace fabrix::openflow
