// ExchangeTraffic: what an operator of an exchange wants to see of its traffic, in tables with the
// members' names: who sends how much to whom, and what should not be there.
//
// Each frame is counted once, as it comes in; nothing is left out for want of a
// name: a MAC address that is nobody's stands for itself. docs/telemetry.md says what the tables
// mean. Bounded as TrafficTable. Time is an input. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/frame_ends.h"
#include "telemetry/members.h"
#include "telemetry/route_table.h"
#include "telemetry/sample.h"
#include "telemetry/traffic.h"

namespace fabrix::telemetry {

enum class TrafficView : std::uint8_t {
  kMatrix,
  kEthertypes,
  kSizes,
  kUnknown,
  kSpoofed,
  kBogons,
  kBgp,
  kFlooding,
};
inline constexpr std::size_t kTrafficViews = 8;

// What a number of a row's key is.
enum class TrafficField : std::uint8_t {
  kNone,
  kEnd,        // a member, or a MAC address
  kEthertype,  // a number
  kSize,       // from so many octets on
  kPort,       // an ifIndex
  kBlock,      // /24 or /48
  kReason,     // of flooding
};

struct TrafficViewInfo {
  std::string_view name;
  std::string_view about;
  struct Column {
    std::string_view name;
    TrafficField field = TrafficField::kNone;
  };
  std::array<Column, 3> columns;
};

const TrafficViewInfo& info_of(TrafficView view);

// What else is known of where a frame goes from the switch where it comes in.
struct FrameExit {
  // Perhaps to another switch: what this one says of where it goes means nothing.
  bool is_unknown = false;
  std::optional<MemberId> receiver{};  // whose port it is
};

class ExchangeTraffic {
 public:
  // Of what is at both ends of a frame. `table` is the route server's, or null.
  void add(const Members& members, const RouteTable* table, const Sample& sample, Time now,
           const FrameExit& exit = {});
  void tick(Time now);

  const TrafficTable& table(TrafficView view) const {
    return tables_[static_cast<std::size_t>(view)];
  }

  // A value of a row's key as text: "A", "0800270000A1", "2048", "1024-1518", "203.0.113.0/24".
  static std::string text_of(const Members& members, TrafficField field, std::uint64_t value);

 private:
  struct Frame;

  void count(TrafficView view, const TrafficKey& key, const Frame& frame);
  void add_addresses(const Members& members, const RouteTable* table, const Frame& frame);
  void add_bgp(const Frame& frame);
  void add_flooding(const Frame& frame);

  std::array<TrafficTable, kTrafficViews> tables_;
  Time swept_{};
};

}  // namespace fabrix::telemetry
