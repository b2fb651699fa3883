// Flow banks: two sets of tables of one switch, of which packets see one.
//
//     table 0, 0xfffe   everything -> kBankOffset       the flip: while it is there, the second
//     0 .. 6            the first bank: a Program's tables (program::TableId)
//     8 .. 14           the second: the same tables kBankOffset further on
//
// A whole Program can so be written beside the one that is in force, at leisure, and come into
// force by the one flow entry that is added or deleted: a versioned update (Reitblatt et al.,
// "Abstractions for Network Update", SIGCOMM 2012) with the version in the table's number, so that
// no match needs a bit for it. Any one flow mod is atomic (OpenFlow 1.3.5 §6.4), whatever the
// switch can do besides.
//
// Everything here is pure. FlowPlans are in the first bank's numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "openflow/flow.h"
#include "program/program.h"

namespace fabrix::fabric {

enum class FlowBank : std::uint8_t { kFirst, kSecond };

// Table 7 is the labels' (fabric/underlay.h).
inline constexpr std::uint8_t kBankOffset = 8;
static_assert(kBankOffset > program::kTableCount);

constexpr FlowBank other(FlowBank bank) {
  return bank == FlowBank::kFirst ? FlowBank::kSecond : FlowBank::kFirst;
}

// What a table of a Program is called in that bank; others keep their numbers.
std::uint8_t table_in(FlowBank bank, std::uint8_t table);
// The flow entry with its table, and those that it leads to, in that bank.
openflow::FlowMod in_bank(openflow::FlowMod flow, FlowBank bank);
// Makes that bank the one that packets see.
openflow::FlowMod flip_to(FlowBank bank);

// What was read of a switch: what packets see, in the first bank's numbers, with whatever is in no
// bank; and the flow entries of the other bank, in the switch's.
struct BankedFlows {
  FlowBank active = FlowBank::kFirst;
  std::vector<openflow::FlowStats> seen{};
  std::vector<openflow::FlowStats> unseen{};
};
BankedFlows by_bank(std::vector<openflow::FlowStats> flows);

}  // namespace fabrix::fabric
