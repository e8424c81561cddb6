// A network of one's own, in a few lines: blocks of layers, cut anywhere between two blocks.
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;
using EdgeSplit.Training;

ModelSpec model = new("tiny-resnet", new Shape(1, 28, 28), classes: 10, blocks:
[
    new Block("stem", new Conv2d(1, 16, Kernel: 3) { Name = "stem", Padding = 1 }, new Activation(ActivationFunction.ReLU), new MaxPool2d(2)),
    new Block("res", new Residual(
        Body: [new Conv2d(16, 16, Kernel: 3) { Name = "res.conv", Padding = 1 }, new BatchNorm2d(16) { Name = "res.bn" }],
        Shortcut: []), new Activation(ActivationFunction.ReLU)),
    new Block("head", new AdaptiveAvgPool2d(4), new Flatten(), new Dropout(0.1), new Linear(16 * 4 * 4, 10) { Name = "fc" }),
]);

Experiment experiment = ExperimentFile.Read(Path.Combine(AppContext.BaseDirectory, "experiment.yaml"));
PreparedExperiment prepared = await PreparedExperiment.PrepareAsync(experiment, new DatasetCatalog(DatasetLocations.Find(null)), model);
await using ComputeLanes lanes = new(new TorchEngine(), count: Environment.ProcessorCount);
ICutPlan plan = ExperimentPlan.Of(prepared, isOneMachine: true, TimeProvider.System);
TrainingResult result = await prepared.TrainAsync(
    plan, lanes, TimeProvider.System, new RunSupervision(happened => Console.WriteLine(RunEvents.ToLine(happened))));
SafetensorsFile.Write("tiny-resnet.safetensors", result.Weights, ContractMetadata.Of(prepared.Contract));
