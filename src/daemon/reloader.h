// Reloader: puts a changed configuration into a running exchange, from exchange.yaml and the files
// that it names: policies, IRR sets, VRPs, SLURM.
//
// Either all of exchange.yaml takes effect or, if anything is wrong with it or cannot change
// without a restart, nothing. A file it names that is wrong leaves its own last good content in
// use. Only sessions whose own parameters changed end (exchange::plan() says which); filters that
// changed judge the routes that are there again, without asking members for them (RFC 9324 §3).
// Loop's thread only.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "api/reload_report.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "daemon/fabric_host.h"
#include "daemon/file_problem.h"
#include "daemon/import_data.h"
#include "exchange/reload.h"

namespace fabrix::daemon {

// All outlive the reloader. Without a fabric host the fabric is the controller's own affair.
struct ReloadedParts {
  controller::Controller* controller = nullptr;
  controller::BgpServer* bgp = nullptr;
  ImportData* import_data = nullptr;
  FabricHost* fabric = nullptr;
};

class Reloader {
 public:
  Reloader(std::filesystem::path file, const ReloadedParts& parts)
      : file_(std::move(file)), parts_(parts) {}

  api::ReloadReport reload(api::ReloadMode mode);

 private:
  Result<exchange::Exchange, std::vector<FileProblem>> read_candidate() const;
  exchange::FabricTies read_ties() const;
  api::ReloadReport check(exchange::Reload reload) const;
  api::ReloadReport apply(exchange::Reload reload);
  std::filesystem::path directory() const { return file_.parent_path(); }

  std::filesystem::path file_;
  ReloadedParts parts_;
};

}  // namespace fabrix::daemon
