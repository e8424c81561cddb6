using static EdgeSplit.Experiments.Keys.ValueKind;

namespace EdgeSplit.Experiments.Keys;

/// <summary>The keys of how weights move.</summary>
internal static class OptimizerKeys
{
    private static readonly string[] Adam = ["adam", "adamw"];

    public static Section Optimizer { get; } = new(
        new Key("kind", new Choice("sgd", "adam", "adamw"), "Stochastic gradient descent, Adam, or Adam with decoupled weight decay.") { Default = "sgd" },
        new Key("momentum", new Number(0, 1, UnderMaximum: true), "Of stochastic gradient descent.") { Default = 0.9, OnlyFor = ["sgd"] },
        new Key("nesterov", new Flag(), "Momentum by Nesterov's rule.") { Default = false, OnlyFor = ["sgd"] },
        new Key("beta1", new Number(0, 1, UnderMaximum: true), "Decay of the mean of gradients.") { Default = 0.9, OnlyFor = Adam },
        new Key("beta2", new Number(0, 1, UnderMaximum: true), "Decay of the mean of squared gradients.") { Default = 0.999, OnlyFor = Adam },
        new Key("epsilon", new Number(0, 1, OverMinimum: true), "Added to the denominator.") { Default = 1e-8, OnlyFor = Adam },
        new Key("weightDecay", new Number(0, 1000), "L2 penalty; for adamw the decoupled decay.") { Default = 0.0 })
    {
        Shorthand = "kind",
        Discriminator = "kind",
    };

    public static Section LearningRate { get; } = new(
        new Key("schedule", new Choice("constant", "step", "cosine"), "How it changes from round to round.") { Default = "constant" },
        new Key("initial", new Number(0, 1000, OverMinimum: true), "In the first round.") { DefaultInWords = "0.05 with sgd, 0.001 with adam and adamw" },
        new Key("every", new Whole(1, ExperimentKeys.MaximumCount), "Rounds between two steps down.") { Default = 10L, OnlyFor = ["step"] },
        new Key("factor", new Number(0, 1, OverMinimum: true), "What a step multiplies it by.") { Default = 0.1, OnlyFor = ["step"] },
        new Key("final", new Number(0, 1000), "In the last round.") { Default = 0.0, OnlyFor = ["cosine"] })
    {
        Shorthand = "initial",
        Discriminator = "schedule",
    };

    /// <summary>The initial learning rate if none is given.</summary>
    public static double DefaultRate(string? optimizer) => Adam.Contains(optimizer) ? 0.001 : 0.05;
}
