// What Alice-LG reads of birdwatcher, field by field, from its source (pkg/sources/birdwatcher:
// client.go, parsers.go, source_singletable.go; pkg/decoders/types.go). A field of another type
// than here is a default there, without a word, or ends the process.
#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "api/birdwatcher.h"
#include "tests/api/fake_looking_glass.h"

namespace fabrix::api {
namespace {

using testing::body_of;
using testing::FakeLookingGlass;
using testing::get;
using testing::json;
using testing::kNow;

enum class Type {
  kText,
  kNumber,  // Go's float64: not a string
  kBool,
  kTime,     // servertime_short and servertime_ext of docs/monitoring.md
  kDate,     // servertime: RFC 3339
  kTexts,    // a list of strings that are numbers: as_path
  kWords,    // a list of strings
  kDigits,   // a string that is a number: local_pref, med
  kNumbers,  // a list of lists of numbers: communities
  kTriples,  // a list of lists of three: ext_communities
  kObject,
};

struct Field {
  const char* name;
  Type type;
};

const std::vector<Field> kStatus{{"current_server", Type::kTime}, {"last_reboot", Type::kTime},
                                 {"last_reconfig", Type::kTime},  {"version", Type::kText},
                                 {"message", Type::kText},        {"router_id", Type::kText}};
const std::vector<Field> kProtocol{{"routes", Type::kObject},
                                   {"state_changed", Type::kTime},
                                   {"neighbor_address", Type::kText},
                                   {"neighbor_as", Type::kNumber},
                                   {"state", Type::kText},
                                   {"description", Type::kText}};
const std::vector<Field> kCounts{{"imported", Type::kNumber},
                                 {"filtered", Type::kNumber},
                                 {"exported", Type::kNumber},
                                 {"preferred", Type::kNumber}};
const std::vector<Field> kShort{{"state", Type::kText}, {"since", Type::kTime}};
const std::vector<Field> kRoute{{"network", Type::kText},   {"from_protocol", Type::kText},
                                {"interface", Type::kText}, {"metric", Type::kNumber},
                                {"primary", Type::kBool},   {"learnt_from", Type::kText},
                                {"gateway", Type::kText},   {"age", Type::kTime},
                                {"type", Type::kWords},     {"bgp", Type::kObject}};
const std::vector<Field> kBgp{{"origin", Type::kText},
                              {"as_path", Type::kTexts},
                              {"next_hop", Type::kText},
                              {"local_pref", Type::kDigits},
                              {"med", Type::kDigits},
                              {"communities", Type::kNumbers},
                              {"large_communities", Type::kNumbers},
                              {"ext_communities", Type::kTriples}};

// The whole text is a time of this form, of which Go takes no more and no less.
bool is_time(const boost::json::value& value, const char* format) {
  if (!value.is_string()) return false;
  std::tm parsed{};
  const char* const end = strptime(value.as_string().c_str(), format, &parsed);
  return end != nullptr && *end == '\0';
}

bool is_digits(const boost::json::value& value) {
  return value.is_string() && !value.as_string().empty() &&
         value.as_string().find_first_not_of("0123456789") == boost::json::string::npos;
}

template <typename Holds>
bool all_of(const boost::json::value& value, Holds holds) {
  return value.is_array() && std::ranges::all_of(value.as_array(), holds);
}

bool is(const boost::json::value& value, Type type) {
  switch (type) {
    case Type::kText:
      return value.is_string();
    case Type::kNumber:
      return value.is_number();
    case Type::kBool:
      return value.is_bool();
    case Type::kTime:
      return is_time(value, "%Y-%m-%d %H:%M:%S");
    case Type::kDate:
      return is_time(value, "%Y-%m-%dT%H:%M:%SZ");
    case Type::kTexts:
      return all_of(value, is_digits);
    case Type::kWords:
      return all_of(value, [](const auto& one) { return one.is_string(); });
    case Type::kDigits:
      return is_digits(value);
    case Type::kNumbers:
      return all_of(value, [](const auto& one) {
        return all_of(one, [](const auto& part) { return part.is_number(); });
      });
    case Type::kTriples:
      return all_of(value,
                    [](const auto& one) { return one.is_array() && one.as_array().size() == 3; });
    case Type::kObject:
      return value.is_object();
  }
  return false;
}

void expect(const boost::json::value& object, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    const auto* const value = object.as_object().if_contains(field.name);
    EXPECT_TRUE(value != nullptr && is(*value, field.type)) << field.name << " of " << object;
  }
}

class AliceTest : public ::testing::Test {
 protected:
  AliceTest() {
    const NeighborId a = glass_.add_neighbor("A_v4", "192.0.2.1", 4'200'000'001);
    const NeighborId b = glass_.add_neighbor("B_v4", "192.0.2.2", 200);
    glass_.shown_neighbors[0].channels = {
        {.family = net::Family::kIpv4, .routes = {.accepted = 1, .filtered = 1, .preferred = 1}}};
    glass_.shown_neighbors[1].state = NeighborState::kDown;
    bgp::PathAttributes all;
    all.as_path.segments = {{.asns = {net::Asn{4'200'000'001}, net::Asn{7}}}};
    all.med = 4'294'967'295;
    all.communities = {bgp::Community{0xffff0000}};
    all.large_communities = {{4'294'967'295, 1, 2}};
    all.extended_communities = {bgp::ExtendedCommunity{0x0002'00c8'0000'0001},
                                bgp::ExtendedCommunity{0x4300'0000'0000'0001}};
    glass_.add_route(a, "203.0.113.0/24", all);
    glass_.stored_routes.back().not_to = {b};
    RouteView& filtered = glass_.add_route(a, "203.0.114.0/24", all);
    filtered.status = RouteStatus::kFiltered;
    filtered.reason = {13, "RPKI invalid"};
    filtered.rpki = RpkiState::kInvalid;
  }

  // As client.go asks: `api` of alice.conf, and the path.
  boost::json::value ask(const std::string& path, const std::string& api = "") const {
    const Birdwatcher birdwatcher(glass_,
                                  {.family = net::Family::kIpv4, .now = [] { return kNow; }});
    const auto request = get(api + path);
    auto answer = json(body_of(birdwatcher.answer(request, request.target.segments)));
    expect(answer, {{"api", Type::kObject}, {"ttl", Type::kDate}});
    expect(answer.at("api"), {{"Version", Type::kText},
                              {"result_from_cache", Type::kBool},
                              {"cache_status", Type::kObject}});
    expect(answer.at("api").at("cache_status").at("cached_at"), {{"date", Type::kDate}});
    return answer;
  }

  // The reject, no export and RPKI communities by which Alice finds its texts, of the only route.
  std::vector<std::string> reasons(const std::string& path) const {
    std::vector<std::string> all;
    const auto answer = ask(path);
    EXPECT_EQ(answer.at("routes").as_array().size(), 1U) << path;
    for (const auto& each : answer.at("routes").as_array()) {
      expect(each, kRoute);
      expect(each.at("bgp"), kBgp);
      for (const auto& community : each.at("bgp").at("large_communities").as_array()) {
        if (community.at(0) == 64500) all.push_back(boost::json::serialize(community));
      }
    }
    return all;
  }

  using Strings = std::vector<std::string>;
  FakeLookingGlass glass_;
};

TEST_F(AliceTest, FindsTheStatus) {
  expect(ask("/status").at("status"), kStatus);
  // With api = http://127.0.0.1:29184/
  expect(ask("/status", "/").at("status"), kStatus);
}

TEST_F(AliceTest, FindsTheNeighbors) {
  const auto answer = ask("/protocols/bgp");
  ASSERT_EQ(answer.at("protocols").as_object().size(), 2U);
  for (const auto& [name, protocol] : answer.at("protocols").as_object()) {
    expect(protocol, kProtocol);
    expect(protocol.at("routes"), kCounts);
  }
  // Its pages sort by this word into those that are up and those that are not.
  EXPECT_EQ(answer.at("protocols").at("A_v4").at("state"), "up");
  EXPECT_EQ(answer.at("protocols").at("B_v4").at("state"), "down");
}

TEST_F(AliceTest, FindsTheStateOfTheNeighbors) {
  const auto answer = ask("/protocols/short?uncached=true");
  ASSERT_EQ(answer.at("protocols").as_object().size(), 2U);
  for (const auto& [name, protocol] : answer.at("protocols").as_object()) expect(protocol, kShort);
}

TEST_F(AliceTest, FindsTheRoutesOfANeighborAndTheReasons) {
  EXPECT_EQ(reasons("/routes/protocol/A_v4"), Strings{});
  EXPECT_EQ(reasons("/routes/filtered/A_v4"), (Strings{"[64500,1000,4]", "[64500,1101,13]"}));
  EXPECT_EQ(reasons("/routes/noexport/B_v4"), Strings{"[64500,1103,4]"});
}

// Its search works on what it has read of the main table every few minutes.
TEST_F(AliceTest, FindsTheMainTable) {
  EXPECT_EQ(reasons("/routes/table/master4"), Strings{});
  EXPECT_EQ(reasons("/routes/table/master4/filtered"),
            (Strings{"[64500,1000,4]", "[64500,1101,13]"}));
  EXPECT_EQ(reasons("/routes/prefix?prefix=203.0.113.0/24"), Strings{});
}

// fetchRequiredRoutes() keeps the filtered routes whose gateway is that of the received ones.
TEST_F(AliceTest, MatchesFilteredRoutesWithReceivedOnesByTheirGateway) {
  const auto received = ask("/routes/protocol/A_v4").at("routes").at(0);
  const auto filtered = ask("/routes/filtered/A_v4").at("routes").at(0);
  EXPECT_EQ(received.at("gateway"), filtered.at("gateway"));
  EXPECT_EQ(received.at("learnt_from"), filtered.at("learnt_from"));
}

}  // namespace
}  // namespace fabrix::api
