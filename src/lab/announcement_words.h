// What an `announce` line of a simulation says: prefixes and path attributes, from its words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bgp/path_attributes.h"
#include "net/asn.h"
#include "net/prefix.h"

namespace fabrix::lab {

struct AnnouncementWords {
  std::vector<net::Prefix> prefixes;  // at least one
  bgp::PathAttributes attributes;     // as path: [asn] unless given
};

// `words` follow the router's name. `asn` is the announcing participant's.
Result<AnnouncementWords> parse_announcement(std::span<const std::string> words, net::Asn asn);

// Splits a line into words: at white space, but for what stands in double quotes; '#' ends it.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace fabrix::lab
