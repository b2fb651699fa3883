// AdapterTable: which host has a MAC address, as hosts say of their network cards (host_adapters,
// record 0:2001 of sFlow's host structures): the data source whose metrics are the host's.
//
// Of an address that several claim, the last to say so has it. Bounded: kMaxAdapters, what is
// beyond is left out; a host that does not say so again is forgotten. Time is an input. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "sflow/datagram.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

inline constexpr sflow::Tag kHostAdapters = sflow::Tag::of(0, 2001);

class AdapterTable {
 public:
  static constexpr std::size_t kMaxAdapters = 65'536;

  // What the record of a data source says; what cannot be read of it is left out.
  void learn(sflow::Bytes record, const DataSource& source, Time now);

  // Who has the address, in the low 48 bits. Null: nobody. Good until it changes.
  const DataSource* find(std::uint64_t mac) const;

  // Forgets what nobody has said since then.
  void expire(Time before);

  std::size_t size() const { return hosts_.size(); }

 private:
  struct Host {
    DataSource source;
    Time said{};
  };

  void learn(std::uint64_t mac, const Host& host);

  std::unordered_map<std::uint64_t, Host> hosts_;
};

}  // namespace fabrix::telemetry
