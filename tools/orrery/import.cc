// `orrery import FILE`: what a real machine prints about itself becomes a cluster file.
#include "topology/imports/import.h"

#include <iostream>
#include <memory>

#include "sim/base/library.h"
#include "sim/base/write_file.h"
#include "tools/orrery/verb.h"
#include "topology/cluster.h"

namespace orrery {
namespace {

struct ImportRequest {
  std::string file;
  std::string format;
  std::string chip = "h100_sxm";
  std::string name;
  std::string scale_up;
  std::string out = "-";
};

int import_machine(const ImportRequest& request) {
  const SourceText text(request.file, read_file(request.file, kMostImportedBytes, true));
  Imported imported = read_import(text, request.format);
  if (!request.scale_up.empty()) add_scale_up(imported, yaml::parse(request.scale_up, "--scale-up").bandwidth());
  const std::string stem = std::filesystem::path(request.file).stem().string();
  imported.assume("chips are " + request.chip + ", as was asked");
  const std::string cluster =
      cluster_text(imported, request.name.empty() ? stem : request.name, "imported from " + request.file, request.chip);
  // What is written can be read: a fabric in pieces, or a chip that isn't there, is said now.
  static_cast<void>(
      read_cluster(Library::standard(), yaml::parse(cluster, request.out == "-" ? "cluster" : request.out)));
  if (request.out == "-")
    std::cout << cluster;
  else
    write_file(request.out, cluster);
  return kDone;
}

std::function<int()> declare_import(CLI::App& command) {
  const auto request = std::make_shared<ImportRequest>();
  command.add_option("file", request->file, "what NCCL_TOPO_DUMP_FILE, lstopo or ibnetdiscover wrote")
      ->required()
      ->type_name("FILE");
  command.add_option("--format", request->format, "what wrote it (default: seen from the text)")
      ->check(CLI::IsMember(ImportFormats::names()))
      ->type_name("NAME");
  command.add_option("--chip", request->chip, "which chip it is: a name that `orrery list chips` prints")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_option("--name", request->name, "the cluster's name (default: the file's)")->type_name("TEXT");
  command
      .add_option("--scale-up", request->scale_up,
                  "also join the chips of a node on a switch, at this rate each way a chip")
      ->type_name("RATE");
  command.add_option("-o,--out", request->out, "the cluster file to write; `-` prints it (default)")->type_name("OUT");
  return [request] { return import_machine(*request); };
}

const Verbs::Entry kImport{{"import",
                            "Make a cluster file of what a real machine prints: NCCL XML, hwloc XML, ibnetdiscover",
                            &declare_import}};

}  // namespace
}  // namespace orrery
