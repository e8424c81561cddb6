using System.Globalization;

namespace EdgeSplit.Training;

/// <summary>
/// Notices a run that learns nothing: after <see cref="LeastRounds"/> rounds and a fifth of all, no evaluation was better than the largest
/// class alone, or no round's loss was below that of a guess, ln(classes).
/// </summary>
/// <remarks>
/// An accuracy is no better than the majority's share m where it takes less than a tenth of the way from m to 1, give or take three
/// standard errors of a guess: 0.19 of ten equal classes, 0.55 of two, and some more where test samples are few. A loss on the devices'
/// own data says little where it is low, since a device of one class has it at 0 at once; where it is high it says enough.
/// </remarks>
/// <param name="classes">Of the network.</param>
/// <param name="rounds">There will be in all.</param>
/// <param name="testCounts">Test samples of each class; empty where nothing is judged.</param>
internal sealed class ChanceWatch(int classes, int rounds, IReadOnlyList<int> testCounts)
{
    /// <summary>Rounds before anything is said.</summary>
    public const int LeastRounds = 10;

    /// <summary>Rounds of a run so short that it is judged by its last.</summary>
    private const int ShortRounds = 5;
    private const double LeastGain = 0.1;
    private const double StandardErrors = 3;

    private readonly double guessLoss = Math.Log(classes);
    private double bestAccuracy = double.NegativeInfinity;
    private double leastLoss = double.PositiveInfinity;
    private int seen;
    private bool isOver;

    private int JudgedAfter => Math.Max(rounds / 5, LeastRounds) is var enough && rounds >= enough ? enough : Math.Max(rounds, ShortRounds);

    private double MajorityShare => testCounts.Sum() is > 0 and var all ? (double)testCounts.Max() / all : 1.0 / classes;

    private double Threshold
    {
        get
        {
            double share = MajorityShare;
            double error = testCounts.Sum() is > 0 and var all ? Math.Sqrt(share * (1 - share) / all) : 0;
            return share + (LeastGain * (1 - share)) + (StandardErrors * error);
        }
    }

    /// <summary>What a person should hear after this event; null for nothing. It is said once.</summary>
    public string? Observe(RunEvent happened)
    {
        if (isOver || classes < 2)
            return null;
        switch (happened)
        {
            case RoundFinished round:
                seen++;
                leastLoss = Math.Min(leastLoss, round.Loss);
                // Where an evaluation follows, it has the last word.
                return testCounts.Sum() == 0 ? Judge(round.Round) : null;
            case Evaluated { Round: > 0 } evaluated:
                bestAccuracy = Math.Max(bestAccuracy, evaluated.Accuracy);
                return Judge(evaluated.Round);
            default:
                return null;
        }
    }

    private string? Judge(int round)
    {
        if (bestAccuracy > Threshold || !double.IsFinite(leastLoss))
        {
            isOver = bestAccuracy > Threshold;
            return null;
        }

        if (seen < JudgedAfter)
            return null;
        bool isByAccuracy = double.IsFinite(bestAccuracy);
        if (!isByAccuracy && leastLoss < guessLoss)
            return null;
        isOver = true;
        string what = isByAccuracy
            ? string.Create(CultureInfo.InvariantCulture, $"the best accuracy so far is {bestAccuracy:0.000}, and its largest class alone is {MajorityShare:0.000} of the test samples")
            : string.Create(CultureInfo.InvariantCulture, $"the least loss so far is {leastLoss:0.000}, and a guess among {classes} classes has {guessLoss:0.000}");
        return $"after round {round} the model is no better than chance: {what}. Where each device holds few of the classes, let it make fewer local steps a round or use method psl or splitfed-v2; else try another learning rate, and check labels";
    }
}
