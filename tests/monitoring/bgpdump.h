// bgpdump -m -l: what another's decoder reads in an MRT file, a line a route.
#pragma once

#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bgp/path_attributes.h"
#include "io/command.h"
#include "io/file.h"
#include "monitoring/table.h"
#include "tests/io/world.h"

namespace fabrix::monitoring::testing {

inline bool has_bgpdump() {
  return io::run_command({.process = {.argv = {"bgpdump", "-h"}}}).has_value();
}

// The lines for a file, and bgpdump's complaints. (Its -t change, the times of the routes, shows
// memory that version 1.6.2 never wrote.)
inline std::vector<std::string> bgpdump_file(const std::string& path) {
  const auto output = io::run_command({.process = {.argv = {"bgpdump", "-m", "-l", path}}});
  EXPECT_TRUE(output && output->status.success());
  std::vector<std::string> lines;
  if (!output) return lines;
  std::istringstream text(output->out + output->err);
  for (std::string line; std::getline(text, line);) {
    // It says which file it reads.
    if (line.find("[info]") == std::string::npos) lines.push_back(line);
  }
  return lines;
}

inline std::vector<std::string> bgpdump(std::span<const std::byte> octets) {
  const io::testing::TemporaryDirectory directory;
  const std::string path = directory / "dump.mrt";
  EXPECT_TRUE(io::write_file_atomically(path, io::testing::text_of(octets)));
  return bgpdump_file(path);
}

inline std::string joined(const std::vector<std::string>& parts) {
  std::string line;
  for (const std::string& part : parts) line += (line.empty() ? "" : "|") + part;
  return line;
}

// As bgpdump writes them: commas within a set, well-known communities by name.
inline std::string bgpdump_path(const bgp::AsPath& path) {
  std::string text = path.to_string();
  bool within = false;
  for (char& c : text) {
    if (c == '{') within = true;
    if (c == '}') within = false;
    if (c == ' ' && within) c = ',';
  }
  return text;
}

inline std::string bgpdump_communities(const bgp::PathAttributes& attributes) {
  std::string text;
  for (const bgp::Community community : attributes.communities) {
    if (!text.empty()) text += ' ';
    if (community == bgp::kNoExport) {
      text += "no-export";
    } else {
      text +=
          std::to_string(community.value >> 16U) + ":" + std::to_string(community.value & 0xffffU);
    }
  }
  return text;
}

inline std::string bgpdump_large_communities(const bgp::PathAttributes& attributes) {
  std::string text;
  for (const bgp::LargeCommunity& community : attributes.large_communities) {
    if (!text.empty()) text += ' ';
    text += std::to_string(community.global) + ":" + std::to_string(community.local_1) + ":" +
            std::to_string(community.local_2);
  }
  return text;
}

// From the AS path on.
inline std::string bgpdump_attributes(const Route& route) {
  const bgp::PathAttributes& attributes = *route.attributes;
  const bool igp = attributes.origin == bgp::Origin::kIgp;
  const auto& aggregator = attributes.aggregator;
  return joined({bgpdump_path(attributes.as_path), igp ? "IGP" : "INCOMPLETE",
                 route.next_hop.to_string(), "0", std::to_string(attributes.med.value_or(0)),
                 bgpdump_communities(attributes), bgpdump_large_communities(attributes),
                 attributes.atomic_aggregate ? "AG" : "NAG",
                 aggregator
                     ? std::to_string(aggregator->asn.value) + " " + aggregator->address.to_string()
                     : ""}) +
         "|";
}

// "192.0.2.11|64501".
inline std::string bgpdump_peer(const PeerSession& session) {
  return joined({session.address.to_string(), std::to_string(session.received_open.my_as.value)});
}

// `time` is that of the dump.
inline std::string bgpdump_rib_line(Timestamp time, const PeerSession& session,
                                    const net::Prefix& prefix, const Route& route) {
  return joined({"TABLE_DUMP2", std::to_string(seconds_of(time)), "B", bgpdump_peer(session),
                 prefix.to_string(), bgpdump_attributes(route)});
}

// `kind` is A, W or STATE, `rest` what follows the peer.
inline std::string bgpdump_update_line(Timestamp time, std::string_view kind,
                                       const PeerSession& session, const std::string& rest) {
  std::string fraction = std::to_string(microseconds_of(time));
  fraction.insert(0, 6 - fraction.size(), '0');
  return joined({"BGP4MP_ET", std::to_string(seconds_of(time)) + "." + fraction, std::string(kind),
                 bgpdump_peer(session), rest});
}

}  // namespace fabrix::monitoring::testing
