// Whatever the text, an import says what is wrong with it, or gives an exchange.yaml that load()
// takes; and what is exported from that can be imported again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <boost/json/serialize.hpp>

#include "exchange/load.h"
#include "interchange/ixf_export.h"
#include "interchange/ixf_import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fabrix::interchange::export_ixf;
  using fabrix::interchange::import_ixf;
  using fabrix::interchange::MacAddresses;
  const std::string text(data, data + size);
  const auto imported = import_ixf(text, "participants.json");
  if (!imported && imported.error().empty()) std::abort();
  if (!imported) return 0;
  const auto exchange = fabrix::exchange::load(imported->yaml, "exchange.yaml");
  if (!exchange) std::abort();
  const auto document = export_ixf(*exchange, {.macs = MacAddresses::kShown});
  if (!import_ixf(boost::json::serialize(document), "again.json")) std::abort();
  return 0;
}
