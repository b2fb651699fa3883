// import_arouteserver(): the general.yml and clients.yml of ARouteServer as an exchange.yaml.
//
// What ARouteServer does where its files say nothing is written out, so that the exchange filters
// as it did; what has no counterpart is a remark. Clients' IRR data is expected in files that bgpq4
// writes: the comments have the commands. Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "interchange/draft.h"
#include "interchange/remark.h"

namespace fabrix::interchange {

struct SourceFile {
  std::string_view text;
  std::string_view name;  // for remarks
};

Result<Imported, Remarks> import_arouteserver(const SourceFile& general, const SourceFile& clients);

}  // namespace fabrix::interchange
