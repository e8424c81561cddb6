namespace EdgeSplit.Server.Security;

/// <summary>Who may join.</summary>
public interface ITokenSource
{
    /// <summary>Another whenever the devices may be others than before: equal ones need not be read again.</summary>
    object Version { get; }

    /// <summary>The devices.</summary>
    /// <exception cref="InvalidInputException">They cannot be read.</exception>
    IReadOnlyList<EnrolledDevice> Read();
}
