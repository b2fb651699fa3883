#include "interchange/arouteserver.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "exchange/yaml.h"
#include "interchange/arouteserver_policy.h"
#include "interchange/yaml_cursor.h"
#include "interchange/yaml_text.h"

namespace fabrix::interchange {
namespace {

using Texts = std::vector<std::string>;

Texts texts_of(const YamlCursor& from) {
  Texts texts;
  for (const YamlCursor& item : from.items()) {
    if (auto text = item.text()) texts.push_back(*std::move(text));
  }
  return texts;
}

// 3333 or AS3333.
std::optional<net::Asn> asn_of(std::string_view text) {
  if (text.starts_with("AS")) text.remove_prefix(2);
  const auto value = parse_number<std::uint32_t>(text);
  return value ? std::optional(net::Asn{*value}) : std::nullopt;
}

class Importer {
 public:
  Importer(const SourceFile& general, const SourceFile& clients) : clients_(clients.name) {
    draft_.source = fmt::format("{} and {}", general.name, clients.name);
    draft_.name = "imported";
  }

  Result<Imported, Remarks> run(const exchange::YamlNode& general,
                                const exchange::YamlNode& clients, std::string_view file) {
    read_general(YamlCursor(general, file, draft_.remarks)["cfg"]);
    const YamlCursor root(clients, clients_, draft_.remarks);
    root.others_have_no_counterpart({"asns", "clients"});
    read_asns(clients, root["asns"]);
    for (const YamlCursor& client : root["clients"].items()) read_client(client);
    if (!clients_of_.empty()) {
      draft_.remarks.push_back({draft_.source, "",
                                "IRR data comes from files: the comments at the participants have "
                                "the commands that write them"});
    }
    return finish(std::move(draft_));
  }

 private:
  void read_general(const YamlCursor& cfg) {
    PolicySettings settings = arouteserver_defaults();
    const auto asn = cfg["rs_as"].number(0xffffffff);
    if (asn) draft_.asn = net::Asn{static_cast<std::uint32_t>(*asn)};
    if (const auto id = cfg["router_id"].text()) draft_.router_id = net::IpAddress::parse(*id);
    read_cfg(cfg, CfgOwner::kGeneral, settings);
    draft_.session = std::move(settings.session);
    draft_.import = std::move(settings.import);
  }

  // asns: {AS3333: {as_sets: [...]}}
  void read_asns(const exchange::YamlNode& clients, const YamlCursor& asns) {
    const exchange::YamlNode* const map = clients.find("asns");
    if (map == nullptr) return;
    for (const exchange::YamlNode::Entry& entry : map->entries) {
      const YamlCursor one = asns[entry.key];
      one.others_have_no_counterpart({"as_sets"});
      const auto asn = asn_of(entry.key);
      if (asn) as_sets_[*asn] = texts_of(one["as_sets"]);
    }
  }

  void read_client(const YamlCursor& client) {
    client.others_have_no_counterpart({"asn", "ip", "description", "password", "cfg"});
    const auto asn = asn_of(client["asn"].text().value_or(""));
    if (!asn) {
      client.remark("left out: a client needs an asn");
      return;
    }
    DraftParticipant participant;
    participant.asn = *asn;
    if (auto description = client["description"].text()) {
      participant.comments.push_back(*std::move(description));
    }
    if (const auto password = client["password"].text()) {
      participant.session.push_back({"md5_password", in_quotes(*password)});
    }
    read_addresses(client["ip"], participant);
    PolicySettings settings;
    read_cfg(client["cfg"], CfgOwner::kClient, settings);
    for (auto& one : settings.session) participant.session.push_back(std::move(one));
    participant.import = std::move(settings.import);
    read_irr(client["cfg"]["filtering"]["irrdb"]["as_sets"], participant);
    draft_.participants.push_back(std::move(participant));
  }

  // The first IPv4 and the first IPv6 address are a router's, then the second ones.
  static void read_addresses(const YamlCursor& ip, DraftParticipant& participant) {
    std::map<net::Family, std::size_t> seen;
    for (const YamlCursor& item : ip.items()) {
      const auto address = net::IpAddress::parse(item.text().value_or(""));
      if (!address) {
        item.remark("this is no IP address: left out");
        continue;
      }
      const std::size_t index = seen[address->family()]++;
      if (participant.routers.size() <= index) participant.routers.emplace_back();
      participant.routers[index].addresses.push_back(*address);
    }
  }

  // Without sets of the client or its AS number, that number is the set.
  void read_irr(const YamlCursor& own, DraftParticipant& participant) {
    const std::string as_name = fmt::format("AS{}", participant.asn.value);
    Texts sets = texts_of(own);
    if (sets.empty()) sets = as_sets_[participant.asn];
    if (sets.empty()) sets = {as_name};
    // Clients of one AS may have sets of their own.
    const std::size_t nth = ++clients_of_[participant.asn];
    const std::string base = nth == 1 ? "irr/" + as_name : fmt::format("irr/{}-{}", as_name, nth);
    Texts quoted_sets;
    for (const std::string& one : sets) quoted_sets.push_back(in_quotes(one));
    participant.import.push_back({"irr.as_sets", flow_list(quoted_sets)});
    participant.import.push_back({"irr.prefixes_file", in_quotes(base + ".prefixes.json")});
    participant.import.push_back({"irr.origins_file", in_quotes(base + ".origins.json")});
    const std::string names = fmt::format("{}", fmt::join(sets, " "));
    participant.comments.push_back(
        fmt::format("(bgpq4 -4j {0}; bgpq4 -6j {0}) > {1}.prefixes.json", names, base));
    participant.comments.push_back(fmt::format("bgpq4 -jt {} > {}.origins.json", names, base));
  }

  Draft draft_;
  std::string clients_;
  std::map<net::Asn, std::size_t> clients_of_;
  std::map<net::Asn, Texts> as_sets_;
};

}  // namespace

Result<Imported, Remarks> import_arouteserver(const SourceFile& general,
                                              const SourceFile& clients) {
  const auto first = exchange::parse_yaml(general.text, general.name);
  const auto second = exchange::parse_yaml(clients.text, clients.name);
  Remarks wrong;
  for (const auto* const parsed : {&first, &second}) {
    if (*parsed) continue;
    const Remarks more = remarks_of(parsed->error());
    wrong.insert(wrong.end(), more.begin(), more.end());
  }
  if (!wrong.empty()) return fail(std::move(wrong));
  if (first->find("cfg") == nullptr) wrong.push_back({std::string(general.name), "", "no 'cfg'"});
  if (second->find("clients") == nullptr) {
    wrong.push_back({std::string(clients.name), "", "no 'clients'"});
  }
  if (!wrong.empty()) return fail(std::move(wrong));
  return Importer(general, clients).run(*first, *second, general.name);
}

}  // namespace fabrix::interchange
