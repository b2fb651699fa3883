// IrrFiles: the members' IRR data from the files that their configuration names
// (exchange::IrrRule), as bgpq4 writes them (routeserver/irr_json.h).
//
// A file is read when it has changed. One that is bad or gone leaves the last good data in use, and
// is a problem until it is good again: half a set, or none, would reject a member's whole table.
// Members may share a file. Blocking; any one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/file_problem.h"
#include "daemon/watched_file.h"
#include "exchange/session_policy.h"
#include "net/asn.h"
#include "routeserver/irr_sets.h"
#include "routeserver/prefix_ranges.h"

namespace fabrix::daemon {

class IrrFiles {
 public:
  // By participant; null: without data.
  using Sets = std::vector<std::shared_ptr<const routeserver::IrrSets>>;

  // Names of files are relative to `directory`.
  explicit IrrFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Looks at every file that the rules, by participant, name. True if sets() is another one now.
  bool read(const std::vector<exchange::IrrRule>& rules);

  const Sets& sets() const { return sets_; }
  // Of the files as they are now.
  std::vector<FileProblem> problems() const;

 private:
  // What was good last, and what is wrong now.
  template <typename Item>
  struct File {
    WatchedFile file;
    std::shared_ptr<const std::vector<Item>> items;
    std::optional<FileProblem> problem;
  };
  template <typename Item>
  using Files = std::map<std::string, File<Item>>;

  // What a participant's set was made of.
  struct Sources {
    std::shared_ptr<const std::vector<routeserver::PrefixRange>> prefixes;
    std::shared_ptr<const std::vector<net::Asn>> origins;

    friend bool operator==(const Sources&, const Sources&) = default;
  };

  template <typename Item, typename Parse>
  void look_at(Files<Item>& files, const std::string& name, Parse parse);
  void look_at_all(const std::vector<exchange::IrrRule>& rules);

  std::filesystem::path directory_;
  Files<routeserver::PrefixRange> prefixes_;  // by name as configured
  Files<net::Asn> origins_;
  std::vector<Sources> sources_;  // by participant
  Sets sets_;
};

}  // namespace fabrix::daemon
