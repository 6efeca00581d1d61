// A plan that can't run is refused at the number to mend, with numbers that would do.
#include "workloads/plan.h"

#include "tests/workloads/fixture.h"

using namespace orrery;
using test::model_named;
using test::plan_of;

namespace {

std::string plan_error(const std::string& plan, std::string_view model = "megatron_175b") {
  return test::input_error([&] { return plan_of(model_named(model), plan); });
}

}  // namespace

TEST_CASE("a plan reads as it was written, and what is absent is as documented") {
  const Plan plan = plan_of(model_named("megatron_175b"),
                            "{tensor: 8, pipeline: 8, data: 2, microbatch: 2, batch: 64, schedule: interleaved, "
                            "interleave: 3, sequence_parallel: true, recompute: selective, zero: 1, bucket: 40 MB, "
                            "overlap_gradients: true, order: [tensor, pipeline, data], sequence: 1024}");
  CHECK(plan.chips() == 128);
  CHECK(plan.microbatches() == 16);
  CHECK(plan.recompute == Recompute::kSelective);
  CHECK(plan.bucket == Bytes(40'000'000));
  CHECK(plan.order == std::vector<std::string>{"tensor", "pipeline", "data"});
  const Plan plain = plan_of(model_named("megatron_175b"), "{batch: 3}");
  CHECK(plain.chips() == 1);
  CHECK(plain.microbatches() == 3);
  CHECK(plain.schedule == "1f1b");
  CHECK(plain.sequence == 2048);
}

TEST_CASE("heads that don't divide") {
  CHECK(plan_error("{tensor: 7, batch: 1}") ==
        "plan.yaml:1:10: error: 96 heads can't be split evenly over 7\n"
        "  1 | {tensor: 7, batch: 1}\n"
        "    |          ^\n"
        "  note: tensor could be 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48 or 96");
}

TEST_CASE("groups of key-value heads that don't divide") {
  CHECK(plan_error("{tensor: 16, batch: 1}", "llama3_70b") ==
        "plan.yaml:1:10: error: 8 key-value heads can't be split evenly over 16\n"
        "  1 | {tensor: 16, batch: 1}\n"
        "    |          ^~\n"
        "  note: tensor could be 1, 2, 4 or 8");
}

TEST_CASE("layers that don't divide") {
  CHECK(plan_error("{pipeline: 7, batch: 1}") ==
        "plan.yaml:1:12: error: 96 layers can't be split evenly over 7\n"
        "  1 | {pipeline: 7, batch: 1}\n"
        "    |            ^\n"
        "  note: pipeline could be 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48 or 96\n"
        "  note: with embedding_as_layer and loss_as_layer: true there are 98");
  CHECK(plan_error("{pipeline: 8, batch: 8, interleave: 5, schedule: interleaved}") ==
        "plan.yaml:1:37: error: 12 layers of a stage can't be split evenly over 5\n"
        "  1 | {pipeline: 8, batch: 8, interleave: 5, schedule: interleaved}\n"
        "    |                                     ^\n"
        "  note: interleave could be 1, 2, 3, 4, 6 or 12");
}

TEST_CASE("layers that don't divide with what counts as one, and what would let them") {
  CHECK(plan_error("{pipeline: 8, batch: 8, loss_as_layer: true}") ==
        "plan.yaml:1:12: error: 97 layers, the loss among them, can't be split evenly over 8\n"
        "  1 | {pipeline: 8, batch: 8, loss_as_layer: true}\n"
        "    |            ^\n"
        "  note: pipeline could be 1 or 97");
  CHECK(plan_error("{pipeline: 8, batch: 8, loss_as_layer: true, embedding_as_layer: true}")
            .find("98 layers, embedding and loss among them, can't be split evenly over 8") != std::string::npos);
  CHECK(
      plan_error("{pipeline: 97, batch: 8, sequence: 2048}").find("note: with embedding_as_layer: true there are 97") !=
      std::string::npos);
  CHECK(plan_error("{pipeline: 5, batch: 8}").find("as_layer") == std::string::npos);
  CHECK(plan_error("{pipeline: 7, batch: 7, loss_as_layer: true}")
            .find("note: with embedding_as_layer and loss_as_layer: true there are 98") != std::string::npos);
  CHECK(plan_error("{pipeline: 97, batch: 97, embedding_as_layer: true, loss_as_layer: true}").find("true there are") ==
        std::string::npos);
  // The key that mends the stages must let their chunks divide as well.
  CHECK(plan_error("{pipeline: 49, batch: 98, schedule: interleaved, interleave: 3}").find("as_layer") ==
        std::string::npos);
  CHECK(plan_error("{pipeline: 49, batch: 98, schedule: interleaved, interleave: 2}").find("as_layer") !=
        std::string::npos);
  CHECK(plan_error("{pipeline: 49, batch: 98, schedule: interleaved, interleave: 4, embedding_as_layer: true, "
                   "loss_as_layer: true}")
            .find("2 layers of a stage can't be split evenly over 4") != std::string::npos);
}

TEST_CASE("a batch that isn't whole microbatches") {
  CHECK(plan_error("{data: 3, microbatch: 2, batch: 100}") ==
        "plan.yaml:1:33: error: a batch of 100 isn't a multiple of data 3 × microbatch 2 = 6\n"
        "  1 | {data: 3, microbatch: 2, batch: 100}\n"
        "    |                                 ^~~\n"
        "  note: batch could be 96 or 102");
  CHECK(plan_error("{data: 3, microbatch: 2, batch: 5}").find("note: batch could be 6") != std::string::npos);
}

TEST_CASE("interleaving and its demands") {
  CHECK(plan_error("{pipeline: 8, batch: 8, interleave: 3}") ==
        "plan.yaml:1:37: error: the schedule '1f1b' runs one model chunk a stage, not 3\n"
        "  1 | {pipeline: 8, batch: 8, interleave: 3}\n"
        "    |                                     ^\n"
        "  note: schedule: interleaved runs several");
  CHECK(plan_error("{pipeline: 8, batch: 12, interleave: 3, schedule: interleaved}") ==
        "plan.yaml:1:51: error: the schedule 'interleaved' needs microbatches in multiples of the 8 stages; there are "
        "12\n"
        "  1 | {pipeline: 8, batch: 12, interleave: 3, schedule: interleaved}\n"
        "    |                                                   ^~~~~~~~~~~\n"
        "  note: microbatches = batch 12 ÷ (data 1 × microbatch 1)");
  CHECK(
      plan_error("{batch: 1, schedule: 1f1c}") ==
      "plan.yaml:1:22: error: no pipeline schedule is called '1f1c'; did you mean '1f1b'?\n"
      "  1 | {batch: 1, schedule: 1f1c}\n"
      "    |                      ^~~~\n"
      "  note: pipeline schedules: 1f1b, combined_1f1b, dualpipe, dualpipe_v, gpipe, interleaved, zb_2p, zb_h1, zb_v");
}

TEST_CASE("sequences") {
  CHECK(plan_error("{batch: 1, sequence: 4096}") ==
        "plan.yaml:1:22: error: a sequence of 4096 tokens is longer than the 2048 positions that this model has "
        "learned\n"
        "  1 | {batch: 1, sequence: 4096}\n"
        "    |                      ^~~~\n"
        "  note: sequence could be up to 2048");
  CHECK(plan_error("{batch: 1, sequence: 131072}", "llama3_8b").empty());
  CHECK(plan_error("{tensor: 8, batch: 1, sequence: 1001, sequence_parallel: true}") ==
        "plan.yaml:1:33: error: sequence parallelism can't split 1001 tokens evenly over 8 tensor ranks\n"
        "  1 | {tensor: 8, batch: 1, sequence: 1001, sequence_parallel: true}\n"
        "    |                                 ^~~~\n"
        "  note: sequence could be 1008");
  // The default sequence is at fault here: nothing to point at but the plan.
  CHECK(test::input_error([] { return plan_of(test::small_gpt(), "{batch: 1}"); }).find("128 positions") !=
        std::string::npos);
}

TEST_CASE("orders") {
  CHECK(plan_error("{batch: 1, order: [tensor, data]}") ==
        "plan.yaml:1:19: error: 'pipeline' is missing; the order names each of the three dimensions, the fastest "
        "first\n"
        "  1 | {batch: 1, order: [tensor, data]}\n"
        "    |                   ^~~~~~~~~~~~~~\n"
        "  note: order: [tensor, data, pipeline] keeps tensor ranks next to each other");
  CHECK(plan_error("{batch: 1, order: [tensor, tensor, data]}").find("'tensor' stands here twice") !=
        std::string::npos);
  CHECK(plan_error("{batch: 1, order: [tensor, dat, pipeline]}").find("did you mean 'data'?") != std::string::npos);
}

TEST_CASE("numbers out of bounds, and keys that aren't") {
  CHECK(plan_error("{tensor: 0, batch: 1}").find("must be between 1 and 1048576, not 0") != std::string::npos);
  CHECK(plan_error("{batch: -1}").find("must be between") != std::string::npos);
  CHECK(plan_error("{tensor: 8}").find("batch") != std::string::npos);
  CHECK(plan_error("{batch: 1, tensors: 8}").find("did you mean 'tensor'?") != std::string::npos);
  CHECK(plan_error("{batch: 1, zero: 4}").find("must be between 0 and 3, not 4") != std::string::npos);
  CHECK(plan_error("{batch: 1, recompute: some}").find("no recomputation is called 'some'") != std::string::npos);
  CHECK(plan_error("{batch: 1, bucket: 25}").find("unit") != std::string::npos);
}

TEST_CASE("plans too large to simulate are refused before anything is built") {
  CHECK(plan_error("{batch: 1099511627776}").find("too many to simulate") != std::string::npos);
  CHECK(plan_error("{batch: 1048576, microbatch: 1048576, sequence: 131072}", "llama3_8b").find("more than 16 PiB") !=
        std::string::npos);
  CHECK(plan_error("{batch: 1, sequence: 16777216}", "llama3_70b").find("more than 16 PiB") != std::string::npos);
}
