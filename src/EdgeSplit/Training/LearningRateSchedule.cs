namespace EdgeSplit.Training;

/// <summary>The learning rate of each round; rounds count from 1.</summary>
public abstract record LearningRateSchedule(double Initial)
{
    /// <summary>The learning rate of <paramref name="round"/> out of <paramref name="rounds"/>.</summary>
    public abstract double At(int round, int rounds);

    /// <summary>Whether the rate of a round depends on how many there are in all.</summary>
    public virtual bool DependsOnRounds => false;

    /// <summary>As experiment files spell it.</summary>
    public abstract string Name { get; }

    public sealed record Constant(double Initial) : LearningRateSchedule(Initial)
    {
        public override string Name => "constant";

        public override double At(int round, int rounds) => Initial;
    }

    /// <summary>Multiplied by <paramref name="Factor"/> after every <paramref name="Every"/> rounds.</summary>
    public sealed record Step(double Initial, int Every, double Factor) : LearningRateSchedule(Initial)
    {
        public override string Name => "step";

        public override double At(int round, int rounds) => Initial * Math.Pow(Factor, (round - 1) / Every);
    }

    /// <summary>Half a cosine from the initial rate to <paramref name="Final"/> (Loshchilov &amp; Hutter 2017, eq. 5).</summary>
    public sealed record Cosine(double Initial, double Final) : LearningRateSchedule(Initial)
    {
        public override string Name => "cosine";

        public override bool DependsOnRounds => true;

        public override double At(int round, int rounds) =>
            rounds <= 1 ? Initial : Final + (0.5 * (Initial - Final) * (1 + Math.Cos(Math.PI * (round - 1) / (rounds - 1))));
    }

    /// <summary>Another schedule from a round on, which counts its rounds from there.</summary>
    /// <param name="Before">Of the rounds before.</param>
    /// <param name="RoundsBefore">How many there were to be then.</param>
    /// <param name="FromRound">The first round of the other, from 1.</param>
    /// <param name="After">The other.</param>
    public sealed record Changed(LearningRateSchedule Before, int RoundsBefore, int FromRound, LearningRateSchedule After)
        : LearningRateSchedule(After.Initial)
    {
        public override string Name => After.Name;

        public override bool DependsOnRounds => After.DependsOnRounds;

        public override double At(int round, int rounds) => round < FromRound
            ? Before.At(round, RoundsBefore)
            : After.At(round - FromRound + 1, rounds - FromRound + 1);
    }
}
